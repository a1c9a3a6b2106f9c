import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Reading, SegmentJournal } from '@fieldline/journal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceSnapshots } from '../state/device-snapshots.js';
import { StateFile } from '../state/state-file.js';
import { Devices } from './devices.js';
import { Registry } from './registry.js';
import { Snapshots } from './snapshots.js';

const NOW = Date.UTC(2026, 10, 20);
const log = { warn: vi.fn() };
let directory: string;

beforeEach(() => {
  log.warn.mockClear();
  directory = mkdtempSync(join(tmpdir(), 'fieldline-snapshots-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const reading = (seq: number, temperature: number): Reading => ({
  ...{ device: 'esp-1', boot: 'b1', seq, flags: 0 },
  ...{ time: (NOW + seq) * 1000, receivedAt: (NOW + seq + 5) * 1000, values: { temperature } },
});

/** The parts of a hub that keep what is known of devices. */
async function start(ids: readonly string[] = ['esp-1'], journalName = 'journal') {
  const state = StateFile.open(join(directory, 'state.sqlite'));
  const registry = Registry.open(state);
  if (registry.size === 0) state.transaction(() => ids.map((id) => registry.create({ id })));
  const journal = await SegmentJournal.open(join(directory, journalName));
  const types = [{ device: 'esp-1', metric: 'temperature', type: 'number', fixedAt: 1 } as const];
  const devices = new Devices({ registry, profiles: new Map(), types, now: () => NOW });
  devices.open();
  const snapshots = new Snapshots({ store: new DeviceSnapshots(state), devices, journal, log });
  await snapshots.open();
  const append = (...readings: Reading[]) => journal.append({ readings, ranges: [] });
  const send = async (...readings: Reading[]) => snapshots.take(await append(...readings));
  const stop = async ({ cleanly }: { cleanly: boolean }) => {
    if (cleanly) snapshots.close();
    else snapshots.abandon();
    await journal.close();
    state.close();
  };
  return { state, journal, devices, append, send, stop, snapshots, kept: new DeviceSnapshots(state) };
}

describe.each([{ cleanly: true }, { cleanly: false }])('after a stop (cleanly: $cleanly)', ({ cleanly }) => {
  it('latest values and "last seen" are what they were', async () => {
    const before = await start();
    await before.send(reading(1, 20), reading(2, 21));
    await before.send(reading(3, 22));
    const known = before.devices.view('esp-1');
    await before.stop({ cleanly });

    const after = await start();
    expect(after.devices.view('esp-1')).toMatchObject({
      lastSeen: known?.lastSeen,
      metrics: { temperature: { value: 22, time: NOW + 3 } },
    });
    expect(after.devices.get('esp-1')?.lastOffset).toBe(3);
    await after.stop({ cleanly: true });
  });
});

it('comings and goings, a learned interval, and that a metric had another type outlast a restart', async () => {
  const before = await start();
  const device = before.devices.get('esp-1');
  await before.send(reading(1, 20));
  device?.arrivals.restore(30_000);
  device?.setProfile(undefined, new Map([['temperature', { type: 'string', fixedAt: 1 }]]));
  const standing = {
    status: { online: false, reason: 'sleeping', at: 3 },
    lastDisconnect: { reason: 'closed', at: 3 },
    ...{ sleepMs: 60_000, wakesBy: 60_003, reboots: 4 },
  };
  device?.standing.restore(standing);
  await before.stop({ cleanly: true });

  const after = await start();
  const view = after.devices.view('esp-1');
  expect(view).toMatchObject({ interval: 30_000, sleeping: true, wakesBy: 60_003, reboots: 4 });
  expect(after.devices.get('esp-1')?.standing.kept()).toEqual(standing);
  expect(view?.metrics.temperature).toMatchObject({ time: NOW + 1, value: null });
  await after.stop({ cleanly: true });
});

it('an entry that is taken late is not passed over by a snapshot', async () => {
  const before = await start();
  await before.send(reading(1, 20));
  const held = await before.append(reading(2, 21));
  await before.stop({ cleanly: true });
  expect(held.first).toBe(2);

  const after = await start();
  expect(after.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 21 });
  await after.stop({ cleanly: true });
});

it('a backfilled reading does not replace a newer one', async () => {
  const hub = await start();
  await hub.send(reading(9, 30));
  await hub.send(reading(2, 10));
  expect(hub.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 30, time: NOW + 9 });
  await hub.stop({ cleanly: true });
});

it('are saved in turns, and the offset with the last: a kill in between loses nothing', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const ids = Array.from({ length: 1_200 }, (_, n) => (n === 0 ? 'esp-1' : `d${n}`));
  const before = await start(ids);
  const saved = () => ({ rows: [...before.kept.all(() => {})].length, offset: before.kept.offset().offset });
  await before.send(reading(1, 20));
  for (const device of before.devices.all()) before.snapshots.touch(device);
  vi.advanceTimersByTime(5_000);
  expect(saved()).toEqual({ rows: 500, offset: 0 });
  await before.send(reading(2, 21));
  await before.stop({ cleanly: false });

  const after = await start();
  vi.useRealTimers();
  expect(after.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 21 });
  await after.stop({ cleanly: true });
});

it('are saved again where something changes while others have their turn', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const hub = await start(['esp-1', ...Array.from({ length: 600 }, (_, n) => `d${n}`)]);
  await hub.send(reading(1, 20));
  for (const device of hub.devices.all()) hub.snapshots.touch(device);
  const journalled = hub.append(reading(2, 21));
  vi.advanceTimersByTime(5_000);
  hub.snapshots.take(await journalled);
  await new Promise(setImmediate);
  expect([...hub.kept.all(() => {})]).toHaveLength(601);
  expect(hub.kept.offset().offset).toBe(1);
  vi.advanceTimersByTime(5_000);
  expect(hub.kept.offset().offset).toBe(2);
  vi.useRealTimers();
  await hub.stop({ cleanly: false });
});

it('take no offset of another journal for one of theirs, also where the hub is killed then', async () => {
  const before = await start();
  for (let seq = 1; seq <= 5; seq++) await before.send(reading(seq, seq));
  await before.stop({ cleanly: true });

  const replaced = await start(['esp-1'], 'another');
  expect(replaced.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 5 });
  expect(replaced.devices.get('esp-1')?.lastOffset).toBe(0);
  await replaced.send(reading(6, 60));
  await replaced.stop({ cleanly: false });

  const after = await start(['esp-1'], 'another');
  expect(after.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 60 });
  await after.stop({ cleanly: true });
});

it.each([
  ['is no JSON', '{"latest":'],
  ['has no latest values', '{"lastSeen":1,"counters":{},"offset":1}'],
  ['is a text', '"esp-1"'],
  ['is no text', "CAST(x'61ff' AS TEXT)"],
])('a device whose row %s begins anew, and the others are as they were', async (_, json) => {
  const before = await start(['esp-1', 'esp-2']);
  await before.send(reading(1, 20), { ...reading(1, 30), device: 'esp-2' });
  await before.stop({ cleanly: true });
  const state = StateFile.open(join(directory, 'state.sqlite'));
  const value = json.startsWith('CAST') ? json : `'${json}'`;
  state.change(`UPDATE device_snapshots SET json = ${value} WHERE device = 'esp-1'`).run();
  state.close();

  const after = await start();
  expect(after.devices.get('esp-1')).toMatchObject({ lastSeen: null, lastReading: null, lastOffset: 0 });
  expect(after.devices.view('esp-1')?.metrics.temperature).toMatchObject({ time: null, value: null });
  expect(after.devices.get('esp-2')?.lastOffset).toBe(2);
  expect(log.warn).toHaveBeenCalledOnce();
  expect(log.warn.mock.calls[0]?.[0]).toMatchObject({ devices: 1 });
  await after.send(reading(2, 21));
  expect(after.devices.view('esp-1')?.metrics.temperature).toMatchObject({ value: 21 });
  await after.stop({ cleanly: true });
});

it('a journal cursor that cannot be moved throws nothing out of a save', async () => {
  const hub = await start();
  await hub.send(reading(1, 20));
  const failure = new Error('the cursor cannot be moved');
  vi.spyOn(hub.journal, 'commit').mockImplementationOnce(() => {
    throw failure;
  });
  await hub.stop({ cleanly: true });
  expect(log.warn).toHaveBeenCalledWith({ err: failure }, expect.any(String));
});
