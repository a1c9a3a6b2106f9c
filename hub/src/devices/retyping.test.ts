import { loadProfile } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audit } from '../state/audit.js';
import { RetypedMetricStore } from '../state/retyped-metrics.js';
import { entriesOf, TestState } from '../state/state.fixture.js';
import type { Device } from './device.js';
import { Devices } from './devices.js';
import { Registry } from './registry.js';
import { Retyping } from './retyping.js';

const PROFILE = `
profile: probe
metrics:
  level: { type: number, unit: Cel, title: Level, min: 0, max: 10, decimals: 1, alarm: { above: 9 } }
  count: { type: integer }
  mode: { type: string, enum: [eco, full] }
`;
const profiles = new Map([['probe', loadProfile(PROFILE, 'probe.yaml')]]);
const ADMIN = { name: 'ada', address: '192.0.2.7' };
const FIXED_AT = 1_000;

let state: TestState;
let retyping: Retyping;
let devices: Devices;
let told: string[];

/** A hub with the registry's devices; `types` are what first values have fixed. */
function open(): void {
  const registry = Registry.open(state.file);
  const audit = new Audit(state.file);
  const store = new RetypedMetricStore(state.file);
  retyping = new Retyping({ state: state.file, store, audit, profiles, now: () => FIXED_AT });
  retyping.open();
  const types = [{ device: 'a', metric: 'free', type: 'number', fixedAt: 5 } as const];
  devices = new Devices({ registry, profiles, types, retyping, now: () => 0 });
  devices.open();
  devices.onRetyped(({ id }) => told.push(id));
}

const device = (id: string) => devices.get(id) as Device;
const metric = (id: string, name: string) => device(id).metrics.get(name);

beforeEach(() => {
  state = new TestState();
  told = [];
  const registry = Registry.open(state.file);
  for (const id of ['a', 'b']) registry.create({ id, profile: 'probe' });
  registry.create({ id: 'bare' });
  open();
});
afterEach(() => state.remove());

describe('a retyped metric', () => {
  it('has the type that the admin gave it, for all devices of the profile, and what the profile says besides', () => {
    expect(retyping.retype('probe', 'level', 'string', ADMIN)).toMatchObject({ fixedAt: FIXED_AT });
    expect(told).toEqual(['a', 'b']);
    for (const id of ['a', 'b']) {
      expect(metric(id, 'level')).toMatchObject({ type: 'string', fixedAt: FIXED_AT });
      const nothing = { unit: null, min: null, max: null, decimals: null, warn: null, alarm: null };
      expect(metric(id, 'level')?.profile).toMatchObject({ title: 'Level', type: 'string', ...nothing });
    }
    retyping.retype('probe', 'count', 'boolean', ADMIN);
    expect(metric('a', 'count')?.profile?.integer).toBe(false);
    retyping.retype('probe', 'mode', 'number', ADMIN);
    expect(metric('a', 'mode')?.profile?.enum).toBeNull();
  });

  it('shows no value of the type before, and no older one of the new type', () => {
    const reading = (time: number, level: number | string) => ({
      ...{ device: 'a', boot: '', seq: 0, flags: 0, receivedAt: time },
      ...{ time, values: { level } },
    });
    device('a').take(reading(2_000_000, 5), 1);
    retyping.retype('probe', 'level', 'string', ADMIN);
    expect(devices.view('a')?.metrics.level).toEqual({
      type: 'string',
      unit: null,
      time: 2_000,
      value: null,
    });
    device('a').take(reading(3_000_000, 6), 2); // was on its way
    expect(devices.view('a')?.metrics.level).toMatchObject({ time: 3_000, value: null });
    device('a').take(reading(4_000_000, 'high'), 3);
    device('a').take(reading(5_000_000, 7), 4);
    expect(devices.view('a')?.metrics.level).toMatchObject({ time: 4_000, value: 'high' });
  });

  it('wins over what a first value has fixed, and is fixed for who has not sent it', () => {
    retyping.retype('probe', 'free', 'boolean', ADMIN);
    expect(metric('a', 'free')).toMatchObject({ type: 'boolean', fixedAt: FIXED_AT, profile: undefined });
    expect(device('b').retyped.get('free')).toMatchObject({ type: 'boolean' });
    device('b').addMetric('free', 'number', 7);
    expect(metric('b', 'free')?.type).toBe('boolean');
    expect(told).toEqual(['a']);
  });

  it('of devices without a profile goes by the name default', () => {
    device('bare').addMetric('x', 'number', 1);
    retyping.retype('default', 'x', 'string', ADMIN);
    expect(metric('bare', 'x')?.type).toBe('string');
    expect([devices.hasMetric('default', 'x'), devices.hasMetric('probe', 'x')]).toEqual([true, false]);
  });

  it('lasts, and follows a device to and from the profile', () => {
    retyping.retype('probe', 'level', 'string', ADMIN);
    retyping.retype('probe', 'free', 'string', ADMIN);
    open();
    expect(metric('a', 'level')).toMatchObject({ type: 'string', fixedAt: FIXED_AT });
    expect(metric('a', 'free')?.type).toBe('string');
    device('a').setProfile(undefined, retyping.of(null));
    expect(metric('a', 'free')).toMatchObject({ type: 'number', fixedAt: 5 });
    device('a').setProfile(profiles.get('probe'), retyping.of('probe'));
    expect(metric('a', 'free')?.type).toBe('string');
  });

  it("is the profile's again when it is given the profile's type; what is so already is no change", () => {
    retyping.retype('probe', 'level', 'number', ADMIN);
    expect(told).toEqual([]);
    retyping.retype('probe', 'level', 'string', ADMIN);
    retyping.retype('probe', 'level', 'string', ADMIN);
    expect(retyping.retype('probe', 'level', 'number', ADMIN)).toMatchObject({ fixedAt: null });
    expect(metric('a', 'level')).toMatchObject({ type: 'number', fixedAt: null, profile: { unit: 'Cel' } });
    expect(retyping.of('probe').size).toBe(0);
    open();
    expect(metric('a', 'level')?.type).toBe('number');
    const items = entriesOf(new Audit(state.file), { action: 'metric' });
    expect(items).toMatchObject([
      { details: { metric: 'level', type: 'number', before: 'string' } },
      { ...{ actor: 'ada', address: '192.0.2.7', subject: 'profile:probe' }, details: { before: 'number' } },
    ]);
  });
});
