import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../state/state.fixture.js';
import { AttemptLimiter } from './attempt-limiter.js';

let clock: TestClock;
let limiter: AttemptLimiter;

beforeEach(() => {
  clock = new TestClock();
  limiter = new AttemptLimiter({ now: clock.now });
});

function fail(address: string, times: number): void {
  for (let i = 0; i < times; i += 1) limiter.failed(address);
}

describe('AttemptLimiter', () => {
  it('lets an address wait after 20 failures, until the minute is over', () => {
    fail('192.0.2.1', 19);
    clock.ms += 10_000;
    expect(limiter.waitMs('192.0.2.1')).toBe(0);
    fail('192.0.2.1', 1);
    expect(limiter.waitMs('192.0.2.1')).toBe(50_000);
    clock.ms += 49_999;
    expect(limiter.waitMs('192.0.2.1')).toBe(1);
    clock.ms += 1;
    expect(limiter.waitMs('192.0.2.1')).toBe(0);
    fail('192.0.2.1', 1);
    expect(limiter.waitMs('192.0.2.1')).toBe(0);
  });

  it('does not concern other addresses', () => {
    fail('192.0.2.1', 100);
    expect(limiter.waitMs('192.0.2.2')).toBe(0);
  });

  it.each([
    ['2001:db8::1', '2001:db8::ffff:1'],
    ['2001:db8:0:0:1::', '2001:0DB8::2'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '::2'],
  ])('counts %s and %s as one', (one, other) => {
    fail(one, 20);
    expect(limiter.waitMs(other)).toBeGreaterThan(0);
    expect(limiter.size).toBe(1);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['::1', '1::'],
  ])('counts %s and %s as two', (one, other) => {
    fail(one, 20);
    expect(limiter.waitMs(other)).toBe(0);
  });

  it('remembers a bounded number of addresses', () => {
    limiter = new AttemptLimiter({ now: clock.now, maxAddresses: 3 });
    for (let i = 0; i < 10; i += 1) limiter.failed(`192.0.2.${i}`);
    expect(limiter.size).toBe(3);
    clock.ms += 60_000;
    limiter.failed('192.0.2.77');
    expect(limiter.size).toBe(1);
  });
});
