import { afterEach, beforeEach, expect, it } from 'vitest';
import { Audit } from '../state/audit.js';
import { entriesOf, TestClock, TestState } from '../state/state.fixture.js';
import { RepeatedDeeds } from './repeated-deeds.js';

const clock = new TestClock();
let state: TestState;
let audit: Audit;
let repeated: RepeatedDeeds;

beforeEach(() => {
  state = new TestState();
  audit = new Audit(state.file);
  repeated = new RepeatedDeeds({ audit, now: clock.now });
});
afterEach(() => state.remove());

const knock = (n: number, action = 'mqtt.refused') =>
  repeated.note(`from ${n}`, { actor: `device:d${n}`, address: `10.0.0.${n}`, action, subject: 'mqtt' });

it('are written once, and then with their number', () => {
  expect([knock(1), knock(1), knock(2), knock(1)]).toEqual([true, false, true, false]);
  expect(entriesOf(audit)).toHaveLength(2);
  clock.ms += 600_000;
  repeated.tick();
  expect(entriesOf(audit)[0]).toMatchObject({ actor: 'device:d1', details: { repeats: 2 } });
  expect(knock(1)).toBe(true);
});

it('of too many kinds are counted together, without a name, and hide nothing of another action', () => {
  for (let n = 0; n < 300; n++) knock(n);
  expect(knock(1, 'session.refused')).toBe(true);
  clock.ms += 600_000;
  repeated.tick();
  const told = entriesOf(audit, { action: 'mqtt.refused' });
  expect(told).toHaveLength(102);
  expect(told[0]).toMatchObject({
    actor: 'others',
    subject: 'others',
    address: null,
    details: { repeats: 199 },
  });
  expect(entriesOf(audit, { action: 'session.refused' })).toMatchObject([{ actor: 'device:d1' }]);
});

it('have room again when their time is over', () => {
  for (let n = 0; n < 300; n++) knock(n);
  clock.ms += 600_000;
  repeated.tick();
  expect(knock(299)).toBe(true);
  expect(entriesOf(audit)[0]).toMatchObject({ actor: 'device:d299' });
});
