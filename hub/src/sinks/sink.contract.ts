import { type Reading, type SegmentJournal, type Value, viewBatch } from '@fieldline/journal';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Pump } from './pump.js';
import type { Sink } from './sink.js';
import {
  append,
  MemoryQuarantine,
  MIDNIGHT_US,
  makePump,
  openJournal,
  reading,
  SECOND_US,
  scratchDirectory,
  series,
} from './sinks.fixture.js';

/** One value as the far side gives it back. */
export interface StoredValue {
  readonly device: string;
  readonly metric: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly value: Value;
}

/** A sink and its far side. */
export interface SinkUnderTest {
  readonly sink: Sink;
  /** All that the far side holds, in the order in which it tells. */
  stored(): Promise<readonly StoredValue[]>;
  /** Ends the connection, as a stop of the hub does. The far side keeps what it has. */
  close(): Promise<void>;
}

export interface SinkTraits {
  /** Whether a value is never delivered twice, even when the hub's own cursor is lost. */
  readonly exactlyOnce: boolean;
  /** Whether −0 comes back as −0: JSON does not write its sign. */
  readonly negativeZero: boolean;
  /** Which step of time it keeps, µs: 1 by default. */
  readonly timeStepUs?: number;
}

/** Connects to the far side that belongs to `directory`; each directory has one of its own. */
export type ConnectSink = (directory: string, journal: SegmentJournal) => Promise<SinkUnderTest>;

const SETTLE_MS = 20_000;
/** Texts and numbers in which encoders and decoders have been wrong. */
const AWKWARD: Readonly<Record<string, Value>> = {
  zero: 0,
  small: 5e-324,
  large: 1e308,
  most: -Number.MAX_VALUE,
  third: 1 / 3,
  integer: 2 ** 53 - 1,
  yes: true,
  no: false,
  empty: '',
  accents: 'Grüße, 東京 🚿',
  quotes: `"it's", \\ back\\`,
  lines: 'one\ntwo\r\n\tthree',
  'dotted.name-x': 'x'.repeat(256),
};

/** What every sink promises to the pump (sink.ts). */
export function describeSink(name: string, connect: ConnectSink, traits: SinkTraits): void {
  const { timeStepUs = 1 } = traits;
  const kept = (time: number) => Math.floor(time / timeStepUs) * timeStepUs;
  const flat = (readings: readonly Reading[]) => flatten(readings, kept);

  async function setUp(directory?: string) {
    const place = directory ?? (await scratchDirectory());
    const journal = await openJournal(place);
    const connection = await connect(place, journal);
    const quarantine = new MemoryQuarantine();
    const pump = makePump({ sink: connection.sink, journal, quarantine });
    const stop = async () => {
      await pump.close(SETTLE_MS);
      await connection.close();
      await journal.close();
    };
    onTestFinished(stop);
    await pump.open();
    return { place, journal, pump, quarantine, stop, stored: () => connection.stored() };
  }

  async function written(pump: Pump, journal: SegmentJournal, readings: readonly Reading[]) {
    const entry = await append(journal, readings);
    expect(await pump.settle(entry.last, SETTLE_MS)).toBe(true);
    return entry;
  }

  describe(`${name} as a sink`, () => {
    test('gives back the same values of every type', async () => {
      const { journal, pump, stored } = await setUp();
      const values = traits.negativeZero ? { ...AWKWARD, minus: -0 } : AWKWARD;
      await written(pump, journal, [reading('awkward', MIDNIGHT_US + 123_456, values)]);
      const found = await stored();
      expect(Object.fromEntries(found.map(({ metric, value }) => [metric, value]))).toEqual(values);
      for (const { device, time } of found)
        expect([device, time]).toEqual(['awkward', kept(MIDNIGHT_US + 123_456)]);
    });

    test('gives back whatever values a reading holds', async () => {
      const { journal, pump, stored } = await setUp();
      const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
      const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((t) => t.replaceAll('\0', ''));
      const reading_ = fc.record({ n: number, b: fc.boolean(), s: text }, { requiredKeys: [] });
      const samples = fc.sample(reading_, 300).filter((values) => Object.keys(values).length > 0);
      const readings = samples.map((values, step) =>
        reading('any', MIDNIGHT_US + step, values as Reading['values']),
      );
      await written(pump, journal, readings);
      expect(sorted(await stored())).toEqual(sorted(flat(readings)));
    });

    test('keeps the order of each device', async () => {
      const { journal, pump, stored } = await setUp();
      for (const from of [0, 40, 80]) {
        await append(journal, series('a', from, 40));
        await append(journal, series('b', from, 40));
      }
      expect(await pump.settle(240, SETTLE_MS)).toBe(true);
      const found = await stored();
      for (const device of ['a', 'b']) {
        const numbers = found.filter((row) => row.device === device).map(({ value }) => value);
        expect(numbers).toEqual(Array.from({ length: 120 }, (_, n) => n));
      }
    });

    test('takes readings of the past, and of equal times', async () => {
      const { journal, pump, stored } = await setUp();
      const now = reading('d', MIDNIGHT_US, { t: 1 });
      const other = reading('e', MIDNIGHT_US, { t: 2 });
      const monthAgo = reading('d', MIDNIGHT_US - 30 * 86_400 * SECOND_US, { t: 3 });
      const microsecond = reading('d', MIDNIGHT_US + 1, { t: 4 });
      await written(pump, journal, [now, other]);
      await written(pump, journal, [monthAgo, microsecond]);
      expect(sorted(await stored())).toEqual(sorted(flat([now, other, monthAgo, microsecond])));
    });

    test('takes a metric whose type has changed', async () => {
      const { journal, pump, stored } = await setUp();
      const changed = [1, 'one', true, 2].map((value, step) =>
        reading('d', MIDNIGHT_US + step * SECOND_US, { m: value }),
      );
      for (const one of changed) await written(pump, journal, [one]);
      expect(sorted(await stored())).toEqual(sorted(flat(changed)));
    });

    test('writes more than one batch holds', async () => {
      const { journal, pump, stored } = await setUp();
      const readings = series('many', 0, 20_000);
      for (let at = 0; at < readings.length; at += 1000) await append(journal, readings.slice(at, at + 1000));
      expect(await pump.settle(20_000, SETTLE_MS)).toBe(true);
      expect(sorted(await stored())).toEqual(sorted(flat(readings)));
    });

    test('leaves the entries to their other readers', async () => {
      const { journal, pump } = await setUp();
      const readings = series('shared', 0, 10);
      const entry = await written(pump, journal, readings);
      expect(viewBatch(entry.packed).readings()).toEqual(readings);
    });

    test('goes on after a restart with nothing missing', async () => {
      const first = await setUp();
      await written(first.pump, first.journal, series('d', 0, 50));
      await append(first.journal, series('d', 50, 50));
      await first.stop();
      const second = await setUp(first.place);
      await written(second.pump, second.journal, series('d', 100, 50));
      const found = sorted(await second.stored());
      expect(traits.exactlyOnce ? found : unique(found)).toEqual(sorted(flat(series('d', 0, 150))));
    });

    test('can be closed twice, and its failure after that is an error', async () => {
      const directory = await scratchDirectory();
      const journal = await openJournal(directory);
      const { sink, close } = await connect(directory, journal);
      await sink.open();
      const entry = await append(journal, series('d', 0, 1));
      await sink.close();
      await sink.close();
      await close();
      await close();
      await expect(sink.write([entry], new AbortController().signal)).rejects.toThrow();
    });
  });
}

function flatten(readings: readonly Reading[], kept: (time: number) => number): StoredValue[] {
  return readings.flatMap(({ device, time, values }) =>
    Object.entries(values).map(([metric, value]) => ({ device, metric, time: kept(time), value })),
  );
}

function key({ device, metric, time, value }: StoredValue): string {
  return JSON.stringify([device, metric, time, typeof value, value]);
}

function sorted(values: readonly StoredValue[]): StoredValue[] {
  return values
    .map((value) => ({ key: key(value), value }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ value }) => value);
}

function unique(values: readonly StoredValue[]): StoredValue[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
