import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmsBench, START } from './alarms.fixture.js';

let bench: AlarmsBench;
let directory: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  directory = mkdtempSync(join(tmpdir(), 'fieldline-alarms-'));
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

const kinds = () => bench.told.map(({ event, alarm }) => `${event} ${alarm.device} ${alarm.level}`);

describe('alarms', () => {
  it('are durable before they are told, with what is owed to channels in the same transaction', () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    expect(bench.told).toEqual([]);
    expect(bench.all).toEqual(['a temperature warn raised 0–…']);
    expect(kinds()).toEqual(['raised a warn']);
    expect(bench.owed).toEqual(bench.told);
  });

  it('keep each level and metric apart, and clear by themselves', () => {
    bench.commit(['a', 0, { temperature: 9, door: true }], ['a', 5, { temperature: 9 }]);
    expect(bench.all.sort()).toEqual([
      'a door alarm raised 0–…',
      'a temperature alarm raised 5–…',
      'a temperature warn raised 0–…',
    ]);
    bench.commit(['a', 10, { temperature: 7.8, door: false }], ['a', 11, { temperature: 5 }]);
    expect(bench.all.sort()).toEqual([
      'a door alarm cleared 0–10',
      'a temperature alarm cleared 5–11',
      'a temperature warn cleared 0–11',
    ]);
  });

  it('show what waits for its `for`', () => {
    bench.commit(['a', 0, { temperature: 9 }], ['b', 0, { temperature: 5 }]);
    expect(bench.alarms.waiting({}, { limit: 9 }).items).toMatchObject([
      {
        device: 'a',
        level: 'alarm',
        state: 'waiting',
        since: START,
        raisedAt: null,
        limit: { above: 8, for: 5_000 },
      },
    ]);
    expect(bench.alarms.counts()).toEqual({ raised: 1, acknowledged: 0, waiting: 1 });
    bench.commit(['a', 5, { temperature: 9 }]);
    expect(bench.alarms.waiting({}, { limit: 9 }).items).toEqual([]);
  });

  it('that wait come in pages, newest first', () => {
    const many = Array.from({ length: 12 }, (_, at) => `d${at}`);
    bench.add(...many);
    bench.commit(...many.map((id, at) => [id, 10 - (at % 6), { temperature: 9 }] as const));
    const filter = { level: 'alarm' } as const;
    const pages = [bench.alarms.waiting(filter, { limit: 5 })];
    for (let next = pages[0]?.next; next; next = pages.at(-1)?.next)
      pages.push(bench.alarms.waiting(filter, { limit: 5, cursor: next }));
    expect(pages.map(({ items }) => items.length)).toEqual([5, 5, 2]);
    const all = pages.flatMap(({ items }) => items);
    expect(all.map(({ since }) => (since - START) / 1_000)).toEqual([10, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5]);
    expect(new Set(all.map(({ device }) => device)).size).toBe(12);
    expect(bench.alarms.waiting({ device: 'd3' }, { limit: 5 }).items).toHaveLength(1);
    expect(bench.alarms.counts().waiting).toBe(12);
  });

  it('are judged again after a kill: none is lost, none is doubled', async () => {
    bench.commit(['a', 0, { temperature: 9 }]);
    bench.commit(['a', 5, { temperature: 9 }]);
    await bench.kill();
    expect(bench.all.sort()).toEqual(['a temperature alarm raised 5–…', 'a temperature warn raised 0–…']);
    await bench.kill();
    expect(bench.all).toHaveLength(2);
    expect(bench.owed).toHaveLength(2);
    bench.commit(['a', 9, { temperature: 3 }]);
    await bench.kill();
    expect(bench.all.sort()).toEqual(['a temperature alarm cleared 5–9', 'a temperature warn cleared 0–9']);
    expect(bench.owed).toHaveLength(4);
  });

  it('wait on over a kill and over a stop', async () => {
    bench.commit(['a', 0, { temperature: 9 }]);
    bench.alarms.list({}, { limit: 1 });
    await bench.kill();
    bench.close();
    await bench.open();
    bench.commit(['a', 5, { temperature: 9 }]);
    expect(bench.all).toContain('a temperature alarm raised 5–…');
  });

  it('are durable before what their device is judged from: none is lost between the two', async () => {
    const many = Array.from({ length: 300 }, (_, at) => `d${at}`);
    bench.add(...many);
    bench.commit(...many.map((id) => [id, 0, { temperature: 5 }] as const));
    pass(20); // begins to save watches; the last of them have to wait for their turn
    bench.failure = new Error('the disk is full');
    bench.commit(['d299', 1, { temperature: 7 }]);
    await new Promise(setImmediate);
    await bench.kill();
    bench.failure = null;
    pass(1);
    expect(bench.all).toEqual(['d299 temperature warn raised 1–…']);
  });

  it('wait on over a kill where a device got a metric while it waited for its turn to be saved', async () => {
    bench.close();
    bench.profile = bench.profile.replace('warn: { above: 6 }, ', '');
    await bench.open();
    const many = Array.from({ length: 300 }, (_, at) => `d${at}`);
    bench.add(...many);
    bench.commit(...many.map((id) => [id, 0, { temperature: 9 }] as const));
    pass(20); // begins to save watches; the last of them have to wait for their turn
    bench.devices.get('d299')?.addMetric('humidity', 'number', START);
    bench.commit(['d299', 1, { temperature: 9, humidity: 40 }]);
    await new Promise(setImmediate);
    await bench.kill();
    bench.commit(['d299', 5, { temperature: 9 }]);
    expect(bench.all).toContain('d299 temperature alarm raised 5–…');
  });

  it('are kept while the state file cannot be written, and told when it can', () => {
    bench.failure = new Error('the disk is full');
    bench.commit(['a', 0, { temperature: 7 }], ['a', 1, { temperature: 1 }], ['a', 2, { door: true }]);
    expect(bench.all).toEqual([]);
    bench.failure = null;
    pass(1);
    expect(kinds()).toEqual(['raised a warn', 'cleared a warn', 'raised a alarm']);
    expect(bench.owed).toHaveLength(3);
  });

  it('are judged again from the journal where too many could not be kept', async () => {
    bench.failure = new Error('the disk is full');
    bench.commit(...Array.from({ length: 301 }, (_, s) => ['a', s, { door: s % 2 === 0 }] as const));
    pass(1);
    bench.commit(['b', 0, { temperature: 7 }]);
    bench.failure = null;
    await bench.caughtUp(() => pass(1));
    expect(bench.told.filter(({ event }) => event === 'raised')).toHaveLength(152); // 151 doors and b
    bench.commit(['b', 1, { temperature: 1 }]);
    expect(bench.alarms.list({ device: 'b' }, { limit: 9 }).items).toMatchObject([{ state: 'cleared' }]);
  });

  it('end with their device, and outlive it', () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    bench.registry.delete('a');
    expect(bench.alarms.list({}, { limit: 9 }).items).toMatchObject([{ device: 'a', end: 'device_deleted' }]);
  });

  it('end where their limit is another after a restart, and are judged by the new one', async () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    bench.close();
    bench.profile = bench.profile.replace('above: 6', 'above: 6.5');
    await bench.open();
    expect(bench.alarms.list({}, { limit: 9 }).items).toMatchObject([
      { state: 'cleared', end: 'rule_changed' },
    ]);
    bench.commit(['a', 10, { temperature: 7 }]);
    expect(bench.all[0]).toBe('a temperature warn raised 10–…');
  });

  it('end where their device gets another profile', () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    bench.registry.update('a', { profile: null });
    pass(1);
    expect(bench.alarms.list({}, { limit: 9 }).items).toMatchObject([{ end: 'rule_changed' }]);
    bench.commit(['a', 1, { temperature: 9 }]);
    expect(bench.all).toHaveLength(1);
  });

  it('are acknowledged once, by name, audited, also when they are over', async () => {
    bench.commit(['a', 0, { temperature: 7 }], ['b', 0, { temperature: 7 }], ['b', 1, { temperature: 1 }]);
    const ids = bench.alarms.list({}, { limit: 9 }).items.map(({ id }) => id);
    bench.alarms.acknowledge(ids, { name: 'jon', kind: 'user' }, 'part comes');
    bench.now += 1_000;
    const [first] = bench.alarms.acknowledge(ids.slice(0, 1), { name: 'ada', kind: 'user' }, null);
    expect(first).toMatchObject({ acknowledgedBy: 'jon', acknowledgedAt: START, note: 'part comes' });
    expect(bench.all.sort()).toEqual([
      'a temperature warn acknowledged 0–…',
      'b temperature warn cleared 0–1',
    ]);
    expect((await bench.audit.list({}, { limit: 9 })).items).toHaveLength(2);
    expect(bench.owed.filter(({ event }) => event === 'acknowledged')).toHaveLength(2);
    expect(() => bench.alarms.acknowledge([...ids, '0'.repeat(26)], { name: 'x' }, null)).toThrow(
      'no such alarm',
    );
    bench.commit(['a', 5, { temperature: 1 }]);
    expect(bench.alarms.get(ids[0] ?? '')).toMatchObject({ acknowledgedBy: 'jon' });
  });

  it('are forgotten beyond what is kept, only when they are over', () => {
    for (let s = 0; s < 300; s++) bench.commit(['a', s, { door: s % 2 === 0 }]);
    bench.commit(['b', 0, { door: true }]);
    pass(20);
    expect(bench.store.list({}, { limit: 1_000 }).items).toHaveLength(100); // one in a hundred makes room for the next
    expect(bench.alarms.pruned).toBe(51);
    expect(bench.store.open().map(({ device }) => device)).toEqual(['b']);
  });
});
