import { beforeEach, describe, expect, it } from 'vitest';
import { DEVICE_TOKEN_PREFIX } from '../access/device-tokens.js';
import { newSecret } from '../access/secret.js';
import { Counters } from '../ops/counters.js';
import { Attempts, type FailedAttempt } from './attempts.js';

const START = 1_767_225_600_000;
let now = START;
let counters: Counters;
let attempts: Attempts;

beforeEach(() => {
  now = START;
  counters = new Counters();
  attempts = new Attempts({ now: () => now, counters, limit: 6, limitPerAddress: 3 });
});

const wrongToken: FailedAttempt = {
  kind: 'bad_token',
  device: 'esp-1',
  address: '192.168.4.57',
  via: 'ws',
  code: 'unauthorized',
  message: 'this token is not valid',
};
const from = (address: string, path = '/ws'): FailedAttempt => ({
  ...{ kind: 'wrong_path', address, via: 'ws', code: 'not_found', message: 'no GET /ws', detail: path },
});

describe('Attempts', () => {
  it('counts the same again, and keeps when it began', () => {
    attempts.note(wrongToken);
    now += 5_000;
    attempts.note(from('192.168.4.58'));
    attempts.note(wrongToken);
    expect(attempts.list()).toMatchObject([
      { kind: 'bad_token', device: 'esp-1', count: 2, firstAt: START, lastAt: START + 5_000 },
      { kind: 'wrong_path', device: null, detail: '/ws', count: 1 },
    ]);
    expect(attempts.list(START + 5_001)).toEqual([]);
  });

  it('says what a token looks like, and keeps nothing of it', () => {
    const good = newSecret(DEVICE_TOKEN_PREFIX);
    const faults = new Map<string, string>([
      ['', 'missing'],
      [good.slice(0, -1), 'cut_off'],
      [`${good}x`, 'too_long'],
      [`${good} `, 'spaces'],
      [newSecret('fla_'), 'other_kind'],
      ['hunter2', 'unknown'],
      [good, 'unknown'],
    ]);
    const roomy = new Attempts({ now: () => now });
    for (const [token, fault] of faults) {
      roomy.note({ ...wrongToken, token });
      expect(roomy.list()[0]).toMatchObject({ tokenFault: fault, tokenLength: token.length });
    }
    expect(JSON.stringify(roomy.list())).not.toContain(good.slice(4, 20));
    expect(JSON.stringify(roomy.list())).not.toContain('hunter2');
  });

  it.each([
    ['/ws?token=secret12&x=1', '/ws?token=[redacted]&x=1'],
    [`/ws/${newSecret('fld_')}`, '/ws/[redacted]'],
    ['/ws/fld_cutoff', '/ws/[redacted]'],
    ['/proxy/http://esp-1:hunter2@hub/ws', '/proxy/http://[redacted]@hub/ws'],
  ])('takes secrets out of a path: %s', (path, kept) => {
    attempts.note(from('192.168.4.58', path));
    expect(attempts.list()[0]?.detail).toBe(kept);
  });

  it('keeps no name that cannot be one of a device', () => {
    attempts.note({ ...wrongToken, device: '<script>' });
    expect(attempts.list()[0]?.device).toBeNull();
  });

  it('lets a scanner push out its own only, and forgets the oldest when there are too many', () => {
    attempts.note(wrongToken);
    for (const path of ['/a', '/b', '/c', '/d', '/e']) attempts.note(from('10.0.0.1', path));
    expect(attempts.list().map(({ detail }) => detail)).toEqual(['/e', '/d', '/c', null]);
    expect(counters.attemptsForgotten).toBe(2);
    for (const address of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) attempts.note(from(address));
    expect(attempts.size).toBe(6);
    expect(attempts.list().some(({ kind }) => kind === 'bad_token')).toBe(false);
  });

  it('takes the addresses of an IPv6 network for one', () => {
    attempts.note(from('2001:db8::1'));
    attempts.note(from('2001:db8::2'));
    expect(attempts.list()).toMatchObject([{ address: '2001:db8::2', count: 2 }]);
  });

  it('forgets after an hour', () => {
    attempts.note(wrongToken);
    now += 3_600_000;
    expect(attempts.list()).toEqual([]);
    expect(attempts.size).toBe(0);
  });
});
