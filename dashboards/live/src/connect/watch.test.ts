import type { AttemptView, QuarantineItem } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { faultIn, type Sightings, standingOf, stepsOf } from './watch.js';

const T = 1_767_225_600_000;
const counters = { received: 0, duplicates: 0, gaps: 0, rejected: 0, clockRepairs: 0 };
const device = { id: 'a', online: false, address: null, boot: null, lastSeen: null, metrics: {}, counters };
const nothing: Sightings = {
  ...{ since: T, device, repairsBefore: 0, attempts: [], quarantine: [], onlineAt: null, first: null },
};
const attempt = (kind: AttemptView['kind'], lastAt = T + 1_000): AttemptView => ({
  ...{ id: 'x', kind, device: null, address: '10.0.0.9', via: 'ws', code: 'c', message: 'm', detail: null },
  ...{ tokenFault: null, tokenLength: null, count: 1, firstAt: lastAt, lastAt },
});
const refused = (code: string, time = T + 2_000): QuarantineItem => ({
  ...{
    time,
    metric: code === 'malformed' ? null : 'temperature',
    value: 'x',
    code,
    message: 'm',
    source: 'ws',
  },
});

describe('what is said of a new device', () => {
  it('waits while nothing comes', () => {
    expect(standingOf({ ...nothing, device: null })).toEqual({ kind: 'waiting' });
    expect(standingOf(nothing)).toEqual({ kind: 'waiting' });
  });

  it('tells the newest refusal', () => {
    const attempts = [attempt('bad_token'), attempt('wrong_path', T)];
    expect(standingOf({ ...nothing, attempts })).toMatchObject({ kind: 'refused', attempt: attempts[0] });
  });

  it('forgets a refused log-in when the device is online', () => {
    const online = { ...nothing, device: { ...device, online: true }, attempts: [attempt('bad_token')] };
    expect(standingOf(online)).toEqual({ kind: 'connected' });
    expect(standingOf({ ...online, attempts: [attempt('wrong_topic')] }).kind).toBe('refused');
  });

  it('tells frames that are no JSON, and values that are refused', () => {
    const quarantine = [refused('malformed', T + 3_000), refused('malformed')];
    const seen = { ...nothing, quarantine, attempts: [attempt('bad_token')] };
    expect(standingOf(seen)).toMatchObject({ kind: 'malformed', count: 2 });
    expect(standingOf({ ...seen, quarantine: [refused('type_conflict')] })).toMatchObject({
      kind: 'rejected',
    });
    expect(standingOf({ ...seen, attempts: [attempt('bad_token', T + 9_000)] }).kind).toBe('refused');
    expect(standingOf({ ...nothing, quarantine: [refused('malformed', T - 1)] }).kind).toBe('waiting');
  });

  it('is settled by a reading, seen live or found in the registry', () => {
    const first = { at: T + 5, values: { temperature: 1 } };
    const attempts = [attempt('bad_token', T + 9_000)];
    expect(standingOf({ ...nothing, first, attempts })).toEqual({ kind: 'live', clockRepaired: false });
    const metrics = { temperature: { type: 'number', unit: null, time: T + 1, value: 1 } } as const;
    expect(standingOf({ ...nothing, device: { ...device, metrics } }).kind).toBe('live');
    expect(standingOf({ ...nothing, since: T + 2, device: { ...device, metrics } }).kind).toBe('waiting');
    const repaired = { ...device, counters: { ...counters, clockRepairs: 3 } };
    expect(standingOf({ ...nothing, first, device: repaired })).toEqual({
      kind: 'live',
      clockRepaired: true,
    });
    expect(standingOf({ ...nothing, first, device: repaired, repairsBefore: 3 })).toMatchObject({
      clockRepaired: false,
    });
  });
});

it.each([
  ['wrong_path', ['connect done', 'way failed', 'token todo', 'reading todo']],
  ['bad_token', ['connect done', 'token failed', 'talk todo', 'reading todo']],
  ['malformed', ['connect done', 'token done', 'talk failed', 'reading todo']],
] as const)('the steps stand where it went wrong: %s', (kind, expected) => {
  const steps = stepsOf({ kind: 'refused', attempt: attempt(kind) });
  expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual(expected);
});

it('the last step of a live device is verified', () => {
  expect(stepsOf({ kind: 'live', clockRepaired: false }).at(-1)).toEqual({
    name: 'reading',
    state: 'verified',
  });
});

it.each([
  ['{"temperature":nan}', ['{"temperature":', 'nan', '}']],
  ['{"a": -inf,"b":1}', ['{"a": ', '-inf', ',"b":1}']],
  ['{"a":\'x\'}', ['{"a":', "'x'", '}']],
  ['{"a":1', ['{"a":1', '', '']],
])('the fault in %s is found', (frame, parts) => {
  expect(faultIn(frame)).toEqual(parts);
});
