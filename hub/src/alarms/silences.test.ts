import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmsBench, START } from './alarms.fixture.js';

let bench: AlarmsBench;
let directory: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  directory = mkdtempSync(join(tmpdir(), 'fieldline-silences-'));
  bench = new AlarmsBench(directory);
  await bench.open();
  bench.add('a', 'b');
});
afterEach(() => {
  bench.close();
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

/** Lets the hub's clock run, tick by tick. */
function pass(seconds: number): void {
  for (let each = 0; each < seconds; each++) {
    bench.now += 1_000;
    vi.advanceTimersByTime(1_000);
  }
}

describe('alarms of silence', () => {
  it('tell of a device that falls silent, and of its return', () => {
    bench.commit(['a', 0, { door: false }]);
    pass(29);
    expect(bench.all).toEqual([]);
    pass(1);
    expect(bench.all).toEqual(['a null stale raised 30–…']);
    expect(bench.alarms.list({}, { limit: 1 }).items[0]).toMatchObject({ limit: { silence: 30_000 } });
    bench.commit(['a', 40, { door: false }]);
    pass(1);
    expect(bench.all).toEqual(['a null stale cleared 30–40']);
    expect(bench.told.every(({ alarm }) => alarm.device === 'a')).toBe(true); // b was never seen
  });

  it('of a site that goes dark are raised a few at a time, all within the second', async () => {
    const many = Array.from({ length: 500 }, (_, at) => `d${at}`);
    bench.add(...many);
    bench.commit(...many.map((id) => [id, 0, { door: false }] as const));
    pass(30);
    expect(bench.alarms.counts().raised).toBeLessThan(500);
    while (bench.told.length < 500) await new Promise(setImmediate);
    expect(new Set(bench.told.map(({ event, alarm }) => `${event} ${alarm.level}`))).toEqual(
      new Set(['raised stale']),
    );
    expect(bench.alarms.counts().raised).toBe(500);
    bench.commit(...many.map((id) => [id, 31, { door: false }] as const));
    pass(1);
    while (bench.told.length < 1_000) await new Promise(setImmediate);
    expect(bench.alarms.counts().raised).toBe(0);
  });

  it('leave sleeping devices alone until they are overdue', () => {
    const device = bench.devices.get('a');
    if (device) device.standing.sleepMs = 60_000;
    bench.commit(['a', 0, { door: false }]);
    pass(89);
    expect(bench.all).toEqual([]);
    pass(1);
    expect(bench.all).toEqual(['a null stale raised 90–…']);
  });

  it('do not blame devices for a restart of the hub', async () => {
    bench.commit(['a', 0, { door: false }]);
    pass(10);
    await bench.kill();
    const device = bench.devices.get('a');
    if (device) device.lastReading = START; // what the snapshots restore
    pass(64);
    expect(bench.all).toEqual([]);
    pass(2);
    expect(bench.all).toEqual(['a null stale raised 30–…']);
    await bench.kill();
    pass(100);
    expect(bench.all).toHaveLength(1);
  });

  it('are others each time, also since the same reading: nobody has seen the new one', async () => {
    bench.commit(['a', 0, { door: false }]);
    pass(30);
    const [first] = bench.alarms.list({}, { limit: 9 }).items;
    bench.alarms.acknowledge([first?.id ?? ''], { name: 'ada', kind: 'user' }, null);
    bench.registry.update('a', { disabled: true });
    pass(1);
    expect(bench.alarms.get(first?.id ?? '')).toMatchObject({ state: 'cleared', end: 'rule_changed' });
    bench.registry.update('a', { disabled: false });
    pass(1);
    const { items } = bench.alarms.list({}, { limit: 9 });
    expect(
      items.map(({ id, state, since, acknowledgedBy }) => [id === first?.id, state, since, acknowledgedBy]),
    ).toEqual([
      [false, 'raised', START, null],
      [true, 'cleared', START, 'ada'],
    ]);
    expect(bench.alarms.counts()).toMatchObject({ raised: 1, acknowledged: 0 });
    await bench.kill();
    const device = bench.devices.get('a');
    if (device) device.lastReading = START; // what the snapshots restore
    pass(1);
    expect(bench.alarms.list({}, { limit: 9 }).items).toEqual(items);
  });
});
