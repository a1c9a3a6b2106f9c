import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandBench, NotingLink, OPERATOR } from '../commands/commands.fixture.js';
import { DeviceConfigStore } from '../state/device-configs.js';
import { entriesOf } from '../state/state.fixture.js';
import { Configs } from './configs.js';
import type { Device } from './device.js';
import { viewConfig } from './view.js';

let bench: CommandBench;
let configs: Configs;

beforeEach(() => {
  bench = new CommandBench().open(['r1']);
  configs = open();
});
afterEach(() => bench.close());

function open(): Configs {
  const { state, audit, devices } = bench;
  const store = new DeviceConfigStore(state);
  const opened = new Configs({
    state,
    store,
    audit,
    devices,
    log: { warn: () => {} },
    now: () => bench.nowMs,
  });
  opened.open();
  return opened;
}

const device = () => bench.devices.get('r1') as Device;
const set = (desired: object, version: number | null = null) =>
  configs.set('r1', desired as Record<string, unknown>, version, OPERATOR);

function connect(running?: number, caps: NotingLink['caps'] = new Set(['config'])): NotingLink {
  const link = new NotingLink({ caps: [...caps] });
  configs.welcomed(device(), link, running);
  return link;
}

describe('the configuration of a device', () => {
  it('is sent when it is set, applied when the device says so, and outlives a restart', () => {
    const link = connect();
    expect(link.frames).toEqual([]);
    expect(set({ interval: 5_000 })).toMatchObject({ version: 1, state: 'pending' });
    expect(link.frames).toEqual([{ type: 'config', version: 1, desired: { interval: 5_000, mode: 'eco' } }]);
    bench.nowMs += 1_000;
    configs.reported(device(), { version: 1, ok: true, reported: { interval: 5_000 } });
    bench.nowMs += 1_000;
    bench.crash();
    configs = open();
    expect(viewConfig(device().config)).toEqual({
      version: 1,
      desired: { interval: 5_000, mode: 'eco' },
      reported: { interval: 5_000 },
      state: 'applied',
      ...{ by: 'ada', at: bench.nowMs - 2_000, reportedVersion: 1, reportedAt: bench.nowMs - 1_000 },
    });
    expect(bench.deeds()).toEqual(['config.set', 'config.applied']);
  });

  it('is sent at welcome to a device that runs another version, and to no other', () => {
    set({ interval: 5_000 });
    expect(connect(0).frames).toMatchObject([{ version: 1 }]);
    expect(connect(undefined).frames).toHaveLength(1);
    expect(connect(1).frames).toEqual([]);
    expect(connect(0, new Set()).frames).toEqual([]);
  });

  it('that the device rejects says why', () => {
    connect();
    set({ interval: 5_000 });
    configs.reported(device(), { version: 1, ok: false, code: 'too_fast', message: 'not below 10 s' });
    expect(viewConfig(device().config)).toMatchObject({
      state: 'rejected',
      code: 'too_fast',
      message: 'not below 10 s',
    });
    expect(set({ interval: 10_000 })).toMatchObject({ version: 2, state: 'pending', code: null });
  });

  it('is not applied by a report of an older version', () => {
    connect();
    set({ interval: 5_000 });
    set({ interval: 6_000 });
    configs.reported(device(), { version: 1, ok: true, reported: { interval: 5_000 } });
    expect(device().config).toMatchObject({ state: 'pending', reported: { interval: 5_000 } });
  });

  it('is applied where the device runs it, though its report was lost', () => {
    set({ interval: 5_000 });
    connect(1);
    expect(device().config).toMatchObject({ state: 'applied', reportedVersion: 1 });
    expect(bench.deeds()).toEqual(['config.set', 'config.applied']);
    set({ interval: 6_000 });
    configs.reported(device(), { version: 2, ok: false, code: 'too_slow' });
    connect(2);
    expect(device().config.state).toBe('rejected');
  });

  it('that is refused leaves what was reported before', () => {
    connect();
    set({ interval: 5_000 });
    configs.reported(device(), { version: 1, ok: true, reported: { interval: 5_000 } });
    set({ interval: 500 });
    configs.reported(device(), { version: 2, ok: false, code: 'too_fast' });
    expect(device().config).toMatchObject({ state: 'rejected', reported: { interval: 5_000 } });
  });

  it('is audited by the version that was reported, and not again when the device repeats itself', () => {
    connect();
    set({ interval: 5_000 });
    set({ interval: 6_000 });
    device().address = '192.0.2.9';
    for (let n = 0; n < 3; n++) {
      bench.nowMs += 1_000;
      configs.reported(device(), { version: 1, ok: false, code: 'too_fast' });
    }
    const [newest, ...before] = entriesOf(bench.audit, { subject: 'device:r1' });
    expect(newest).toMatchObject({
      ...{ actor: 'device:r1', address: '192.0.2.9', action: 'config.rejected', result: 'too_fast' },
      details: { version: 1 },
    });
    expect(before.map(({ action }) => action)).toEqual(['config.set', 'config.set']);
  });

  it('that the device cannot take, once it is there, is refused and not sent', () => {
    set({ interval: 5_000 });
    const link = new NotingLink({ caps: ['config'], rxMaxBytes: 50 });
    configs.welcomed(device(), link, 0);
    configs.welcomed(device(), link, 0);
    expect(link.frames).toEqual([]);
    expect(device().config).toMatchObject({ state: 'rejected', code: 'too_large' });
    expect(bench.deeds()).toEqual(['config.set', 'config.rejected']);
    // Another firmware takes it.
    const newer = connect(0);
    configs.reported(device(), { version: 1, ok: true });
    expect(newer.frames).toHaveLength(1);
    expect(device().config).toMatchObject({ state: 'applied', code: null });
  });

  it('is refused when somebody else has changed it meanwhile', () => {
    set({ interval: 5_000 }, 0);
    expect(() => set({ interval: 6_000 }, 0)).toThrow(
      expect.objectContaining({ code: 'stale_version', status: 409 }),
    );
    expect(set({ interval: 6_000 }, 1).version).toBe(2);
  });

  it.each([
    [{ colour: 'red' }, /colour: relay-board has no such key/],
    [{ interval: 5 }, /interval: at least 100/],
    [{ interval: 'fast' }, /interval: integer expected/],
    [{ mode: 'x' }, /one of eco, full/],
  ])('refuses %j', (desired, message) => {
    expect(() => set(desired)).toThrow(
      expect.objectContaining({ code: 'bad_config', message: expect.stringMatching(message) }),
    );
    expect(device().config.version).toBe(0);
  });

  it('refuses what the device could not take', () => {
    const link = new NotingLink({ caps: ['config'], rxMaxBytes: 50 });
    configs.welcomed(device(), link, 0);
    expect(() => set({ interval: 5_000 })).toThrow(
      expect.objectContaining({ code: 'too_large', status: 422 }),
    );
  });

  it('the end of an older connection changes nothing for a newer one', () => {
    const older = connect();
    const newer = connect();
    configs.gone('r1', older);
    set({ interval: 5_000 });
    expect(newer.frames).toHaveLength(1);
    configs.gone('r1', newer);
    set({ interval: 6_000 });
    expect(newer.frames).toHaveLength(1);
  });
});
