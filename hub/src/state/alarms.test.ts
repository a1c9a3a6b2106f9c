import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlarmView } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Registry } from '../devices/registry.js';
import { AlarmStore } from './alarms.js';
import { StateFile } from './state-file.js';

let directory: string;
let state: StateFile;
let store: AlarmStore;
let damage: unknown[];
/** What was asked of the file. */
let asked: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-alarm-store-'));
  state = StateFile.open(join(directory, 'state.sqlite'));
  asked = [];
  damage = [];
  const select = state.select.bind(state);
  vi.spyOn(state, 'select').mockImplementation((columns, rest) => {
    const found = select(columns, rest);
    const get: typeof found.get = (...of) => {
      asked.push(rest);
      return found.get(...of);
    };
    return { ...found, get };
  });
  store = new AlarmStore(state, (error) => damage.push(error));
});
afterEach(() => {
  state.close();
  rmSync(directory, { recursive: true });
});

const idOf = (n: number) => String(n).padStart(26, '0');

/** An alarm from `n` ms on; over at `clearedAt`. */
function alarm(n: number, changes: Partial<AlarmView> = {}): AlarmView {
  return {
    ...{ id: idOf(n), device: 'a', metric: 't', level: 'warn', state: 'raised', limit: { above: 1, for: 0 } },
    ...{
      past: false,
      since: n,
      raisedAt: n,
      raisedSeenAt: n,
      clearedAt: null,
      clearedSeenAt: null,
      end: null,
    },
    ...{ value: 2, worst: 3, acknowledgedBy: null, acknowledgedAt: null, note: null, ...changes },
  };
}

function put(...alarms: readonly AlarmView[]): void {
  state.transaction(() => {
    for (const each of alarms) store.put(each);
  });
}

const over = (n: number, clearedAt = n + 1) => alarm(n, { clearedAt, clearedSeenAt: clearedAt, end: 'well' });
const ids = () => store.list({}, { limit: 1_000 }).items.map(({ id }) => Number(id));

describe('alarms beyond what is kept', () => {
  const many = (from: number, count: number) => Array.from({ length: count }, (_, at) => over(from + at));

  it('are forgotten, the oldest first, with one in a hundred for those that come', () => {
    put(alarm(0), ...many(1, 350));
    expect(store.prune(idOf(0), 300)).toBe(53);
    expect(ids()).toHaveLength(298);
    expect(ids().at(-1)).toBe(0); // not over
    expect(ids().at(-2)).toBe(54);
  });

  it('are counted only where there can be too many', () => {
    put(...many(1, 250));
    store.prune(idOf(0), 300);
    const once = asked.length;
    expect(once).toBeGreaterThan(0);
    put(...many(300, 50));
    expect(store.prune(idOf(0), 300)).toBe(0);
    expect(asked).toHaveLength(once);
    put(over(400));
    expect(store.prune(idOf(0), 300)).toBe(4);
    expect(asked.length).toBeGreaterThan(once);
  });

  it('are forgotten a thousand at a time', () => {
    put(...many(1, 2_500));
    const pruned = [1, 2, 3].map(() => store.prune(idOf(0), 300));
    expect(pruned).toEqual([1_000, 1_000, 203]);
    expect(store.prune(idOf(2_400), 300)).toBe(196);
  });
});

describe('the alarm of a limit around a time', () => {
  it('is the one that was there, whatever began after it', () => {
    put(over(10, 20), over(30, 40), alarm(50), over(35, 36));
    put(alarm(31, { metric: 'other' }), alarm(32, { level: 'alarm' }), alarm(33, { device: 'b' }));
    const at = (from: number, to: number) =>
      store.overlapping({ device: 'a', metric: 't', level: 'warn' }, from, to)?.since;
    expect([at(5, 9), at(5, 10), at(15, 15), at(20, 25), at(21, 29)]).toEqual([
      undefined,
      10,
      10,
      10,
      undefined,
    ]);
    expect([at(38, 38), at(35, 35), at(60, 70)]).toEqual([30, 35, 50]);
  });

  it('is found where its beginning is earlier than its id tells', () => {
    put(over(50, 60));
    put({ ...over(50, 60), since: 40 });
    expect(store.overlapping({ device: 'a', metric: 't', level: 'warn' }, 42, 45)?.id).toBe(idOf(50));
  });
});

it('are those of a limit that nobody has acknowledged, also of a device that is silent', () => {
  const silent = alarm(60, { metric: null, level: 'stale' });
  put(over(10, 20), alarm(30), alarm(40), alarm(50, { past: true }), silent, alarm(61, { device: 'b' }));
  store.acknowledge(idOf(40), 'mara', 45, null);
  const since = (limit: Parameters<AlarmStore['unseen']>[0]) => store.unseen(limit).map(({ since }) => since);
  expect(since({ device: 'a', metric: 't', level: 'warn' })).toEqual([30]);
  expect(since({ device: 'a', metric: null, level: 'stale' })).toEqual([60]);
});

it('leaves out what is damaged of those that are taken up, and tells of it', () => {
  put(alarm(1), alarm(2));
  state.change("UPDATE alarms SET alarm_limit = '{' WHERE since = 1").run();
  expect(store.open().map(({ since }) => since)).toEqual([2]);
  expect(damage).toHaveLength(1);
});

it('counts what each limit of each profile has raised', () => {
  const registry = Registry.open(state);
  for (const id of ['a', 'b']) registry.create({ id, profile: 'room' });
  registry.create({ id: 'c' });
  put(alarm(1), alarm(2), alarm(3, { device: 'b' }), alarm(4, { device: 'c', level: 'stale', metric: null }));
  put(alarm(5, { device: 'gone' }));
  const counts = store.countsSince(idOf(2)).sort((one, other) => one.level.localeCompare(other.level));
  expect(counts).toEqual([
    { profile: null, metric: null, level: 'stale', count: 1 },
    { profile: 'room', metric: 't', level: 'warn', count: 2 },
  ]);
});
