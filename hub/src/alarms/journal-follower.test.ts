import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FieldlineError } from '../errors.js';
import { AlarmStore } from '../state/alarms.js';
import { AlarmsBench, MemoryJournal } from './alarms.fixture.js';

let bench: AlarmsBench;
let directory: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  directory = mkdtempSync(join(tmpdir(), 'fieldline-follower-'));
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

/** What fails when the state file cannot be written. */
function unwritable(): void {
  bench.stored.move = () => {
    throw new FieldlineError('state_unwritable', 'the disk is full', { status: 503 });
  };
}

/** More changes than may wait for a state file that cannot be written. */
function fallBehind(): void {
  bench.failure = new Error('the disk is full');
  bench.commit(...Array.from({ length: 301 }, (_, s) => ['a', s, { door: s % 2 === 0 }] as const));
  pass(1);
  expect(bench.alarms.isBehind).toBe(true);
}

/** Lets time pass, and what comes of it. */
async function passSlowly(seconds: number): Promise<void> {
  for (let each = 0; each < seconds; each++) {
    pass(1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
}

describe('alarms that cannot be kept', () => {
  it('do not read the journal while the state file cannot be written', async () => {
    unwritable();
    fallBehind();
    bench.failure = null;
    const { reads } = bench.journal;
    await passSlowly(60);
    expect(bench.journal.reads).toBe(reads);
    expect(bench.alarms.isBehind).toBe(true);
    Reflect.deleteProperty(bench.stored, 'move');
    await bench.caughtUp(() => pass(1));
    expect(bench.alarms.counts().raised).toBe(1);
    expect(bench.all).toHaveLength(100);
  });

  it('are tried again ever less often', async () => {
    fallBehind();
    await passSlowly(60);
    // A try reads its two entries at once.
    expect(bench.journal.reads).toBeLessThan(10);
    bench.failure = null;
    await bench.caughtUp(() => pass(1));
    expect(bench.told.filter(({ event }) => event === 'raised')).toHaveLength(151);
  });

  it('are tried again ever less often, too, where they fail only after they were judged', async () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    const { all } = bench.devices;
    bench.devices.all = () => {
      throw new TypeError('no such thing');
    };
    await passSlowly(60);
    expect(bench.journal.reads).toBeLessThan(10);
    bench.devices.all = all;
    await bench.caughtUp(() => pass(1));
    await passSlowly(30);
    expect(bench.alarms.isBehind).toBe(false);
    expect(bench.all).toContain('a temperature warn raised 0–…');
  });

  it('are shown as they were when they could be kept', async () => {
    bench.commit(['b', 0, { temperature: 7 }]);
    bench.alarms.list({}, { limit: 1 });
    unwritable();
    fallBehind();
    await passSlowly(3);
    expect(bench.alarms.counts()).toMatchObject({ raised: 1 });
    bench.failure = null;
    Reflect.deleteProperty(bench.stored, 'move');
    await bench.caughtUp(() => pass(1));
  });
});

describe('a reading that cannot be judged', () => {
  it('is left out and counted: those around it are judged', async () => {
    const get = bench.devices.get.bind(bench.devices);
    bench.devices.get = (id) => {
      if (id === 'b') throw new TypeError('no such thing');
      return get(id);
    };
    const readings = (['a', 'b', 'a'] as const).map((device, s) => {
      const time = (bench.now + s * 1_000) * 1_000;
      return { device, boot: '', seq: s, time, receivedAt: time, values: { door: s === 2 }, flags: 0 };
    });
    bench.alarms.take(bench.journal.append(readings), readings);
    expect(bench.alarms.isBehind).toBe(true);
    await bench.caughtUp(() => pass(1));
    expect(bench.all).toEqual(['a door alarm raised 2–…']);
    expect(bench.leftOut).toMatchObject({ readings: 1, rows: 0 });
  });
});

describe('a start', () => {
  it('leaves out what is damaged, counts it, and goes on with the rest', async () => {
    bench.commit(['a', 0, { temperature: 7 }], ['b', 0, { temperature: 7, door: true }]);
    pass(20); // all is saved
    bench.state.change(`UPDATE alarm_watches SET json = '{"metrics":7' WHERE device = 'a'`).run();
    bench.state.change(`UPDATE alarms SET worst = '{' WHERE device = 'b' AND metric = 'door'`).run();
    bench.state.change("UPDATE alarm_offset SET journal = CAST(x'61ff' AS TEXT)").run();
    await bench.kill();
    expect(bench.alarms.isBehind).toBe(false);
    expect(bench.leftOut).toMatchObject({ rows: 3, readings: 0 });
    // What `b` has is known from how its readings stand; `a` begins anew.
    expect(bench.alarms.counts().raised).toBe(2);
    bench.commit(['a', 1, { temperature: 7 }], ['b', 1, { temperature: 5, door: false }]);
    bench.state.change(`UPDATE alarms SET worst = 'true' WHERE worst = '{'`).run();
    expect(bench.all.sort()).toEqual([
      'a temperature warn cleared 0–20',
      'a temperature warn raised 1–…',
      'b door alarm cleared 0–1',
      'b temperature warn cleared 0–1',
    ]);
  });

  it('with a state file that can be read only in part begins behind', async () => {
    const close = bench.alarms.abandon.bind(bench.alarms);
    close();
    bench.state.close();
    const open = vi.spyOn(AlarmStore.prototype, 'open').mockImplementation(() => {
      throw new FieldlineError('state_damaged', 'the disk image is malformed', { status: 503 });
    });
    await bench.open();
    expect(bench.alarms.isBehind).toBe(true);
    bench.commit(['a', 0, { temperature: 7 }]);
    open.mockRestore();
    await bench.caughtUp(() => pass(1));
    expect(bench.all).toEqual(['a temperature warn raised 0–…']);
  });

  it('does not wait for much that has to be judged again', async () => {
    bench.commit(['a', 0, { temperature: 7 }]);
    bench.alarms.abandon();
    bench.state.close();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    let read = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      read = resolve;
    });
    const reading = bench.journal.read.bind(bench.journal);
    bench.journal.read = (after) => slow.then(() => reading(after));
    const opening = bench.open();
    await vi.advanceTimersByTimeAsync(2_000);
    await opening;
    expect(bench.alarms.isBehind).toBe(true);
    bench.commit(['a', 1, { door: true }]);
    read();
    await bench.caughtUp(() => undefined);
    expect(bench.all.sort()).toEqual(['a door alarm raised 1–…', 'a temperature warn raised 0–…']);
  });

  it('with another journal takes no offset for one of its own, also when it is killed then', async () => {
    bench.commit(...Array.from({ length: 50 }, (_, s) => ['a', s, { temperature: 5 }] as const));
    bench.close();
    bench.journal = new MemoryJournal('another');
    await bench.open();
    bench.commit(['a', 60, { temperature: 7 }]);
    await bench.kill();
    expect(bench.all).toEqual(['a temperature warn raised 60–…']);
  });
});
