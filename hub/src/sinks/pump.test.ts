import { setTimeout as sleep } from 'node:timers/promises';
import { type Reading, unpackBatch } from '@fieldline/journal';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Counters } from '../ops/counters.js';
import type { PumpOptions } from './pump.js';
import { ScriptedSink } from './scripted-sink.fixture.js';
import { type Rejection, SinkError, type SinkErrorKind } from './sink.js';
import {
  append,
  MemoryQuarantine,
  makePump,
  openJournal,
  scratchDirectory,
  series,
  silent,
} from './sinks.fixture.js';

const SETTLE_MS = 10_000;
const range = (from: number, count: number) => Array.from({ length: count }, (_, step) => from + step);

async function setUp(
  sink = new ScriptedSink(),
  options: Partial<Pick<PumpOptions, 'writeTimeoutMs' | 'openWaitMs' | 'cap' | 'retry' | 'log'>> = {},
) {
  const journal = await openJournal(await scratchDirectory());
  const quarantine = new MemoryQuarantine();
  const counters = new Counters();
  const pump = makePump({ sink, journal, quarantine, counters, ...options });
  onTestFinished(() => pump.close(0));
  return { journal, sink, pump, quarantine, counters };
}

test('delivers what is appended, in order, and moves the cursor', async () => {
  const { journal, sink, pump } = await setUp();
  await pump.open();
  for (const from of [0, 10, 20]) await append(journal, series('d', from, 10));
  expect(await pump.settle(30, SETTLE_MS)).toBe(true);
  expect(sink.numbers).toEqual(range(0, 30));
  expect(journal.cursor('scripted')).toBe(30);
  expect(pump.status()).toEqual({
    state: 'running',
    lag: 0,
    oldest: null,
    written: 30,
    skipped: 0,
    errors: {},
  });
});

test('gathers for a while, but a reader that waits hastens it', async () => {
  const { journal, sink, pump } = await setUp(new ScriptedSink({ maxReadings: 1000, lingerMs: 3_600_000 }));
  await pump.open();
  for (const from of [0, 10, 20]) await append(journal, series('d', from, 10));
  expect(sink.tried).toEqual([]);
  expect(await pump.settle(30, SETTLE_MS)).toBe(true);
  expect(sink.tried).toEqual([[1, 30]]);
});

test('a full batch does not wait for more', async () => {
  const { journal, sink, pump } = await setUp(new ScriptedSink({ maxReadings: 20, lingerMs: 3_600_000 }));
  await pump.open();
  for (const from of [0, 10]) await append(journal, series('d', from, 10));
  await sink.until(() => sink.stored.length === 20);
});

test('settle gives up after its time, and at once while the sink fails', async () => {
  const sink = new ScriptedSink();
  sink.answer = () => new Promise(() => undefined);
  const { journal, pump } = await setUp(sink);
  await pump.open();
  await append(journal, series('d', 0, 1));
  expect(await pump.settle(1, 20)).toBe(false);
  expect(await pump.settle(0, 0)).toBe(true);

  const failing = new ScriptedSink();
  failing.answer = () => Promise.reject(new SinkError('network', 'refused'));
  const other = await setUp(failing);
  await other.pump.open();
  await append(other.journal, series('d', 0, 1));
  const waiting = other.pump.settle(1, 3_600_000);
  expect(await waiting).toBe(false);
  expect(await other.pump.settle(1, 3_600_000)).toBe(false);
});

test('the log is told once why a sink is away, and where an unknown failure came from', async () => {
  const warn = vi.fn();
  const { journal, sink, pump } = await setUp(new ScriptedSink(), { log: { ...silent, warn } });
  const bug = new SinkError('internal', 'a bug');
  const failures = [new SinkError('network', 'away'), new SinkError('network', 'away'), bug];
  sink.answer = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return [];
  };
  await pump.open();
  await append(journal, series('d', 0, 1));
  await sink.until(() => sink.stored.length === 1);
  expect(warn.mock.calls.map(([fields]) => fields)).toEqual([
    { sink: 'scripted', kind: 'network', state: 'retrying', reason: 'away' },
    { sink: 'scripted', kind: 'internal', state: 'retrying', err: bug },
  ]);
});

test.each<[SinkErrorKind, string]>([
  ['network', 'retrying'],
  ['overload', 'retrying'],
  ['internal', 'retrying'],
  ['credentials', 'holding'],
  ['full', 'holding'],
  ['damaged', 'holding'],
])('a failure of kind %s is shown as %s, and tried again until it passes', async (kind, state) => {
  const { journal, sink, pump } = await setUp();
  let failures = 3;
  const states: string[] = [];
  sink.answer = async () => {
    if (failures-- > 0) throw new SinkError(kind, 'no');
    const { state: during, error } = pump.status();
    states.push(during, error ?? '');
    return [];
  };
  await pump.open();
  await append(journal, series('d', 0, 5));
  await sink.until(() => sink.stored.length === 5);
  await pump.settle(5, SETTLE_MS);
  expect(states).toEqual([state, 'no']);
  expect(sink.tried).toEqual([
    [1, 5],
    [1, 5],
    [1, 5],
    [1, 5],
  ]);
  await append(journal, series('d', 5, 1));
  await sink.until(() => sink.stored.length === 6);
  expect(pump.status()).toMatchObject({ state: 'running', errors: { [kind]: 3 } });
  expect(pump.status().error).toBeUndefined();
});

test('what a sink refuses for good goes to the quarantine before the cursor moves', async () => {
  const { journal, sink, pump, quarantine, counters } = await setUp();
  quarantine.failFlush = 2;
  let cursorAtFlush: number | undefined;
  const flush = quarantine.flush.bind(quarantine);
  quarantine.flush = () => {
    cursorAtFlush = journal.cursor('scripted');
    flush();
  };
  sink.answer = async (readings) => [
    ...readings.slice(1, 2).map((reading) => ({ reading, code: 'sink_rejected', message: 'too old' })),
    ...readings
      .slice(2, 3)
      .map((reading) => ({ reading, metric: 'n', code: 'type_conflict', message: 'float' })),
  ];
  await pump.open();
  await append(journal, series('d', 0, 3));
  await vi.waitFor(() => expect(pump.status().lag).toBe(0), 10_000);
  expect(cursorAtFlush).toBe(0);
  expect(sink.tried).toHaveLength(1);
  expect(quarantine.kept).toEqual([
    {
      device: 'd',
      time: expect.any(Number),
      metric: null,
      value: { n: 1 },
      code: 'sink_rejected',
      message: 'too old',
      source: 'scripted',
    },
    {
      device: 'd',
      time: expect.any(Number),
      metric: 'n',
      value: 2,
      code: 'type_conflict',
      message: 'float',
      source: 'scripted',
    },
  ]);
  expect(pump.status().written).toBe(2);
  expect(counters.rejects).toEqual(
    new Map([
      ['sink_rejected', 1],
      ['type_conflict', 1],
    ]),
  );
});

test('finds the readings that break a sink, and stores all others in order', async () => {
  const { journal, sink, pump, quarantine } = await setUp();
  const poison = new Set<unknown>([7, 40, 41]);
  sink.answer = async (readings) => {
    if (readings.some(({ values }) => poison.has(values.n)))
      throw new TypeError('cannot read x of undefined');
    return [];
  };
  await pump.open();
  await append(journal, series('d', 0, 30));
  await append(journal, series('d', 30, 30));
  await sink.until(() => sink.stored.length === 57);
  expect(sink.numbers).toEqual(range(0, 60).filter((n) => !poison.has(n)));
  expect(quarantine.kept.map(({ value }) => value)).toEqual([{ n: 7 }, { n: 40 }, { n: 41 }]);
  await append(journal, [...series('d', 7, 1)]);
  await vi.waitFor(() => expect(pump.status()).toMatchObject({ state: 'running', lag: 0 }), 10_000);
  expect(quarantine.kept).toHaveLength(4);
  expect(quarantine.kept[0]).toMatchObject({ code: 'sink_rejected', message: 'cannot read x of undefined' });
});

test('a sink that fails whatever it is given does not empty the log into the quarantine', async () => {
  const { journal, sink, pump, quarantine } = await setUp();
  let broken = true;
  sink.answer = async () => {
    if (broken) throw new Error('always');
    return [];
  };
  await pump.open();
  await append(journal, series('d', 0, 100));
  await sink.until(() => pump.status().state === 'holding');
  const given = quarantine.kept.length;
  expect(given).toBeLessThanOrEqual(8);
  const tried = sink.tried.length;
  await sink.until(() => sink.tried.length >= tried + 5);
  expect(quarantine.kept.length).toBe(given);
  broken = false;
  await sink.until(() => sink.stored.length === 100 - given);
  expect(sink.numbers).toEqual(range(given, 100 - given));
});

test('goes on where it was after a restart', async () => {
  const directory = await scratchDirectory();
  const first = new ScriptedSink();
  const journal = await openJournal(directory);
  const pump = makePump({ sink: first, journal });
  await pump.open();
  await append(journal, series('d', 0, 10));
  await pump.settle(10, SETTLE_MS);
  await pump.close(SETTLE_MS);
  await append(journal, series('d', 10, 10));
  await journal.close();

  const reopened = await openJournal(directory);
  const second = new ScriptedSink();
  const next = makePump({ sink: second, journal: reopened });
  onTestFinished(() => next.close(0));
  await next.open();
  await second.until(() => second.stored.length === 10);
  expect(second.numbers).toEqual(range(10, 10));
});

test("a sink's own cursor wins, also inside a batch; one beyond the journal's head does not", async () => {
  const { journal, sink, pump } = await setUp();
  await pump.open();
  await append(journal, series('d', 0, 10));
  await pump.settle(10, SETTLE_MS);
  await pump.close(SETTLE_MS);

  const behind = new ScriptedSink();
  behind.own = 4;
  const replay = makePump({ sink: behind, journal });
  await replay.open();
  expect(await replay.settle(10, SETTLE_MS)).toBe(true);
  expect(behind.numbers).toEqual(range(4, 6));
  expect(behind.tried).toEqual([[5, 10]]);
  await replay.close(SETTLE_MS);

  const foreign = new ScriptedSink();
  foreign.own = 1_000;
  const other = makePump({ sink: foreign, journal });
  onTestFinished(() => other.close(0));
  await other.open();
  await append(journal, series('d', 10, 2));
  expect(await other.settle(12, SETTLE_MS)).toBe(true);
  expect(foreign.numbers).toEqual([10, 11]);
  expect(sink.closed).toBe(1);
});

test('a sink that cannot be opened is tried again in the background', async () => {
  const sink = new ScriptedSink();
  sink.own = new SinkError('credentials', 'wrong password');
  const { journal, pump } = await setUp(sink);
  await pump.open();
  await append(journal, series('d', 0, 3));
  expect(pump.status()).toMatchObject({ state: 'holding', lag: 3, error: 'wrong password' });
  await sink.until(() => sink.opened > 2);
  sink.own = null;
  await sink.until(() => sink.stored.length === 3);
});

test('what a cap has taken from a sink that is away does not count as its lag', async () => {
  const sink = new ScriptedSink();
  sink.answer = () => Promise.reject(new SinkError('network', 'away'));
  const cap = { bytes: 10_000, ageMs: 1e9 };
  const never = { minMs: 3_600_000, maxMs: 3_600_000 };
  const { journal, pump } = await setUp(sink, { cap, retry: never });
  await pump.open();
  for (let from = 0; from < 3_000; from += 100) await append(journal, series('d', from, 100));
  await vi.waitFor(() => expect(journal.cursor('scripted')).toBeGreaterThan(0), SETTLE_MS);
  expect(pump.status()).toMatchObject({ state: 'retrying', lag: 3_000 - journal.cursor('scripted') });
});

test('a sink whose opening hangs holds up neither the start nor the end', async () => {
  const sink = new ScriptedSink();
  sink.open = () => new Promise(() => undefined);
  const { journal, pump } = await setUp(sink, { openWaitMs: 1 });
  await pump.open();
  await append(journal, series('d', 0, 3));
  expect(pump.status()).toMatchObject({ state: 'starting', lag: 3 });
  expect(await pump.settle(3, SETTLE_MS)).toBe(false);
  await pump.close(SETTLE_MS);
  expect(pump.status()).toMatchObject({ state: 'closed', lag: 3, errors: {} });
});

test('closing writes what is there; what a failing sink did not take stays in the journal', async () => {
  const { journal, sink, pump } = await setUp(new ScriptedSink({ maxReadings: 10, lingerMs: 3_600_000 }));
  await pump.open();
  await append(journal, series('d', 0, 25));
  await pump.close(SETTLE_MS);
  expect(sink.stored).toHaveLength(25);
  expect(pump.status().state).toBe('closed');

  const failing = new ScriptedSink();
  failing.answer = () => Promise.reject(new SinkError('network', 'refused'));
  const other = makePump({ sink: failing, journal, retry: { minMs: 3_600_000, maxMs: 3_600_000 } });
  await other.open();
  await append(journal, series('d', 25, 5));
  await failing.until(() => failing.tried.length === 1);
  await other.close(3_600_000);
  expect(journal.cursor('scripted')).toBe(25);
  expect(failing.closed).toBe(1);
});

test('closing does not wait for a write that hangs longer than its deadline', async () => {
  const { journal, sink, pump } = await setUp();
  let aborted = false;
  sink.answer = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  await pump.open();
  await append(journal, series('d', 0, 5));
  await sink.until(() => sink.tried.length === 1);
  await pump.close(10);
  expect(aborted).toBe(true);
  expect(journal.cursor('scripted')).toBe(0);
});

test('a write that hangs is aborted after its time, and tried again', async () => {
  const sink = new ScriptedSink();
  sink.answer = (_, signal) => {
    if (sink.tried.length > 1) return Promise.resolve([]);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  };
  const { journal, pump } = await setUp(sink, { writeTimeoutMs: 10 });
  await pump.open();
  await append(journal, series('d', 0, 5));
  await sink.until(() => sink.stored.length === 5);
  expect(pump.status().errors.network).toBeGreaterThan(0);
});

test('a batch that takes too long as a whole is delivered in parts', async () => {
  const sink = new ScriptedSink();
  sink.answer = (readings, signal) =>
    readings.length <= 20
      ? Promise.resolve([])
      : new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
  const { journal, pump } = await setUp(sink, { writeTimeoutMs: 10 });
  await pump.open();
  await append(journal, series('d', 0, 100));
  await sink.until(() => sink.stored.length === 100);
  expect(sink.numbers).toEqual(range(0, 100));
});

test('the columns of a batch cut in two are those of its readings', async () => {
  const { journal, sink, pump } = await setUp();
  sink.own = 3;
  await append(journal, []);
  await append(journal, series('d', 0, 6));
  sink.write = async (entries) => {
    sink.stored.push(...entries.flatMap(({ packed }) => unpackBatch(packed)));
    return [];
  };
  await pump.open();
  expect(await pump.settle(6, SETTLE_MS)).toBe(true);
  expect(sink.numbers).toEqual([3, 4, 5]);
});

/** A far side that saves what it confirms after so long, and forgets the rest when it is told to. */
class ForgetfulSink extends ScriptedSink {
  readonly forgets;
  forget: () => void = () => undefined;

  constructor(savedAfterMs: number) {
    super();
    this.forgets = {
      savedAfterMs,
      onForgotten: (listener: () => void) => {
        this.forget = listener;
        return () => undefined;
      },
    };
  }
}

test('what a far side may have forgotten is written again, in order, before what comes next', async () => {
  const { journal, sink, pump } = await setUp(new ForgetfulSink(3_600_000));
  await pump.open();
  await append(journal, series('d', 0, 10));
  expect(await pump.settle(10, SETTLE_MS)).toBe(true);
  expect(journal.cursor('scripted')).toBe(0);
  (sink as ForgetfulSink).forget();
  // Also when nothing comes next.
  await sink.until(() => sink.stored.length === 20);
  expect(sink.numbers).toEqual([...range(0, 10), ...range(0, 10)]);
  await append(journal, series('d', 10, 5));
  expect(await pump.settle(15, SETTLE_MS)).toBe(true);
  expect(sink.numbers.slice(20)).toEqual(range(10, 5));
  expect(pump.status()).toMatchObject({ state: 'running', lag: 0, skipped: 0 });
});

test('a pump that is closed before the far side has saved what it confirmed leaves that in the journal', async () => {
  const { journal, pump } = await setUp(new ForgetfulSink(3_600_000));
  await pump.open();
  await append(journal, series('d', 0, 10));
  expect(await pump.settle(10, SETTLE_MS)).toBe(true);
  await pump.close(SETTLE_MS);
  expect(pump.status()).toMatchObject({ state: 'closed', errors: {} });
  expect(journal.cursor('scripted')).toBe(0);
});

test.each<[string, (reading: Reading) => readonly Rejection[]]>([
  ['refused', (reading) => [{ reading, code: 'sink_rejected', message: 'too old' }]],
  [
    'given up',
    () => {
      throw new TypeError('cannot read x of undefined');
    },
  ],
])('what is %s moves no cursor beyond what the far side has forgotten meanwhile', async (_, answer) => {
  const sink = new ForgetfulSink(50);
  const { journal, pump, quarantine } = await setUp(sink);
  await pump.open();
  await append(journal, series('d', 0, 10));
  expect(await pump.settle(10, SETTLE_MS)).toBe(true);
  sink.answer = async (readings) => {
    const tenth = readings.find(({ values }) => values.n === 10);
    return tenth === undefined ? [] : answer(tenth);
  };
  const flush = quarantine.flush.bind(quarantine);
  let hasForgotten = false;
  quarantine.flush = async () => {
    if (!hasForgotten) {
      // By now the far side could have saved the first ten, had it not gone.
      await sleep(60);
      sink.forget();
      hasForgotten = true;
    }
    flush();
  };
  await append(journal, series('d', 10, 1));
  await vi.waitFor(() => expect(pump.status().lag).toBe(0), SETTLE_MS);
  expect(sink.numbers).toEqual([...range(0, 10), ...range(0, 10)]);
});

test('what it has had the time to save it gets once', async () => {
  const { journal, sink, pump } = await setUp(new ForgetfulSink(0));
  await pump.open();
  await append(journal, series('d', 0, 10));
  expect(await pump.settle(10, SETTLE_MS)).toBe(true);
  expect(journal.cursor('scripted')).toBe(10);
  (sink as ForgetfulSink).forget();
  await append(journal, series('d', 10, 5));
  expect(await pump.settle(15, SETTLE_MS)).toBe(true);
  expect(sink.numbers).toEqual(range(0, 15));
});

test('a pump that is closed while its sink fails leaves what may be forgotten in the journal', async () => {
  const { journal, sink, pump } = await setUp(new ForgetfulSink(3_600_000));
  await pump.open();
  await append(journal, series('d', 0, 10));
  expect(await pump.settle(10, SETTLE_MS)).toBe(true);
  sink.answer = () => Promise.reject(new SinkError('network', 'away'));
  await append(journal, series('d', 10, 5));
  await sink.until(() => sink.tried.length > 1);
  await pump.close(0);
  expect(journal.cursor('scripted')).toBe(0);
});
