import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlarmChange } from './alarm-change.js';
import { AlarmsBench, START } from './alarms.fixture.js';

let bench: AlarmsBench;
let directory: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  directory = mkdtempSync(join(tmpdir(), 'fieldline-past-breaches-'));
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

const inShort = ({ event, alarm }: AlarmChange) => `${event} ${alarm.device} ${alarm.level}`;
const kinds = () => bench.told.map(inShort);
const owed = () => bench.owed.map(inShort);
/** Readings beyond the limit, one each second, that come after newer ones. */
const breaches = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ['a', from + at, { temperature: 7 }, 9_999] as const);

describe('alarms', () => {
  it('are of the past where the readings came late, and call nobody', () => {
    bench.commit(
      ['a', 0, { temperature: 5 }, 400],
      ['a', 10, { temperature: 7 }, 390],
      ['a', 20, { temperature: 5 }, 380],
    );
    expect(bench.all).toEqual(['a temperature warn past cleared 10–20']);
    expect(bench.owed).toEqual([]);
    pass(6);
    expect(kinds()).toEqual(['late a warn', 'past a warn']);
    expect(owed()).toEqual(['past a warn']);
    expect(bench.alarms.counts().raised).toBe(0);
  });

  it('count after all where a breach that came late goes on', () => {
    bench.commit(['a', 0, { temperature: 7 }, 400]);
    expect(bench.all).toEqual(['a temperature warn past raised 0–…']);
    bench.commit(['a', 400, { temperature: 7 }]);
    expect(bench.all).toEqual(['a temperature warn raised 0–…']);
    bench.commit(['b', 0, { temperature: 7 }, 400]);
    pass(500);
    expect(bench.all).toContain('b temperature warn raised 0–…');
    expect(kinds()).toContain('raised b warn');
  });

  it('of a backlog that comes after newer readings are past, once, however often it is sent', () => {
    bench.commit(['a', 100, { temperature: 5 }]);
    const backlog = [10, 20, 30, 40].map((s) => ['a', s, { temperature: s < 40 ? 7 : 5 }, 60] as const);
    bench.commit(...backlog);
    expect(bench.all).toEqual(['a temperature warn past cleared 10–40']);
    bench.commit(...backlog);
    bench.commit(...backlog.slice(1));
    expect(bench.all).toEqual(['a temperature warn past cleared 10–40']);
    expect(bench.alarms.counts().raised).toBe(0);
  });

  it('of a backlog do not double what was raised in its time', () => {
    bench.commit(['a', 10, { temperature: 7 }], ['a', 30, { temperature: 7 }], ['a', 40, { temperature: 5 }]);
    bench.commit(['a', 15, { temperature: 7 }], ['a', 20, { temperature: 7 }]);
    expect(bench.all).toEqual(['a temperature warn cleared 10–40']);
  });
});

describe('a backlog of thousands of readings beyond the limit', () => {
  beforeEach(() => bench.commit(['a', 9_000, { temperature: 5 }]));

  it('is one alarm, of which channels are told once, when no more of it comes', () => {
    for (let s = 0; s < 4_000; s += 1_000) {
      bench.commit(...breaches(s, s + 999));
      pass(3);
    }
    expect(bench.all).toEqual(['a temperature warn past cleared 0–3999']);
    expect(kinds()).toEqual(['late a warn', 'late a warn', 'late a warn', 'late a warn']);
    expect(bench.owed).toEqual([]);
    pass(3);
    expect(owed()).toEqual(['past a warn']);
    expect(bench.owed[0]?.alarm).toMatchObject({ since: START, clearedAt: START + 3_999_000, worst: 7 });
    pass(60);
    expect(owed()).toHaveLength(1);
  });

  it('is kept as it was told last where more of it comes after another one, all at once', () => {
    const well = ['a', 10, { temperature: 5 }, 9_999] as const;
    bench.commit(...breaches(0, 9), well, ...breaches(20, 29), ...breaches(5, 12));
    expect(bench.all).toEqual([
      'a temperature warn past cleared 20–29',
      'a temperature warn past cleared 0–12',
    ]);
    const ends = bench.told.map(({ event, alarm }) => `${event} ${((alarm.clearedAt ?? 0) - START) / 1_000}`);
    expect(ends).toEqual(['late 10', 'past 10', 'late 29', 'past 29', 'late 12']);
  });

  it('is told once over kills, before and after', async () => {
    bench.commit(...breaches(0, 99));
    bench.alarms.list({}, { limit: 1 }); // it is durable
    await bench.kill();
    pass(1);
    await bench.kill();
    pass(6);
    await bench.kill();
    pass(10);
    expect(owed()).toEqual(['past a warn']);
    expect(bench.all).toEqual(['a temperature warn past cleared 0–99']);
  });

  it('is told again where more of it comes afterwards, as the same alarm, and not where it is only repeated', () => {
    bench.commit(...breaches(0, 99));
    pass(6);
    bench.commit(...breaches(0, 99));
    pass(6);
    expect(bench.owed).toHaveLength(1);
    bench.commit(...breaches(90, 120));
    pass(6);
    expect(bench.owed).toHaveLength(2);
    expect(new Set(bench.owed.map(({ alarm }) => alarm.id)).size).toBe(1);
    expect(bench.owed[1]?.alarm.clearedAt).toBe(START + 120_000);
  });

  it('is told at once where another breach begins, its limit changes, or its device goes', () => {
    bench.commit(...breaches(0, 9), ['a', 10, { temperature: 5 }, 9_999], ...breaches(20, 29));
    pass(1);
    expect(bench.owed.map(({ alarm }) => alarm.since)).toEqual([START]);
    bench.registry.update('a', { profile: null });
    pass(1);
    bench.alarms.list({}, { limit: 1 });
    expect(bench.owed.map(({ alarm }) => alarm.since)).toEqual([START, START + 20_000]);
    bench.commit(['b', 9_000, { temperature: 5 }], ['b', 1, { temperature: 7 }, 9_999]);
    bench.registry.delete('b');
    expect(owed()).toEqual(['past a warn', 'past a warn', 'past b warn']);
  });

  it('is one alarm, too, where it comes newest first, but for its first readings', () => {
    bench.commit(...breaches(1, 500).reverse());
    expect(bench.all).toEqual([
      'a temperature warn past cleared 500–500',
      'a temperature warn past cleared 499–499',
      'a temperature warn past cleared 498–498',
    ]);
    expect(bench.alarms.list({}, { limit: 9 }).items[2]).toMatchObject({ since: START + 1_000 });
  });

  it('is the same two alarms where it is repeated and ends as it began', () => {
    const backlog = [...breaches(10, 20), ['a', 30, { temperature: 5 }, 9_999] as const, ...breaches(40, 40)];
    for (let each = 0; each < 3; each++) bench.commit(...backlog);
    expect(bench.all).toEqual([
      'a temperature warn past cleared 40–40',
      'a temperature warn past cleared 10–30',
    ]);
  });

  it('stays acknowledged while more of it comes', () => {
    bench.commit(...breaches(0, 9));
    const [alarm] = bench.alarms.list({}, { limit: 1 }).items;
    bench.alarms.acknowledge([alarm?.id ?? ''], { name: 'ada', kind: 'user' }, null);
    bench.commit(...breaches(10, 19));
    pass(6);
    bench.commit(...breaches(20, 29));
    pass(6);
    const told = bench.told
      .slice(2)
      .map(({ event, alarm: { acknowledgedBy } }) => `${event} ${acknowledgedBy}`);
    expect(told).toEqual(['late ada', 'past ada', 'late ada', 'past ada']);
  });
});
