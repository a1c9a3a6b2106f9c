import type { Reading, Value } from '@fieldline/journal';
import type { Aggregate, HistoryPoint } from '@fieldline/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reading } from '../sinks/sinks.fixture.js';
import type { ExportRow, History, HistoryQuery } from './history.js';
import { aggregateNaively } from './naive-model.fixture.js';

/** A history and the way into it. */
export interface HistoryUnderTest {
  readonly history: History;
  /** Resolves when the readings can be read. */
  write(readings: readonly Reading[]): Promise<void>;
  /** Whatever the history does by itself from time to time, such as sorting. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface HistoryTraits {
  /** Whether readings of one device and one time that came from different boots are all kept, or the last of them. */
  readonly keepsEqualTimes: boolean;
}

/** 2026-11-20 10:00 UTC in ms. */
const START = Date.UTC(2026, 10, 20, 10);
const HOUR = 3_600_000;
const NUMERIC: readonly Aggregate[] = ['mean', 'last', 'min', 'max', 'sum', 'count'];

/** What every history promises (history.ts). */
export function describeHistory(
  name: string,
  connect: () => Promise<HistoryUnderTest>,
  { keepsEqualTimes }: HistoryTraits = { keepsEqualTimes: true },
): void {
  describe(`${name} as a history`, () => {
    let under: HistoryUnderTest;
    let devices = 0;
    /** A device that nothing was written for. */
    const fresh = () => `device-${++devices}`;

    beforeAll(async () => {
      under = await connect();
    });
    afterAll(() => under.close());

    const ask = (device: string, query: Partial<HistoryQuery>) =>
      under.history.query({
        ...{
          device,
          metric: 'm',
          from: START,
          to: START + HOUR,
          points: 60,
          aggregate: 'mean',
          limit: 10_000,
        },
        ...query,
      });

    /** All pages of a query. */
    async function allPages(device: string, query: Partial<HistoryQuery>) {
      const points: HistoryPoint[] = [];
      let cursor: string | null = null;
      let interval = -1;
      do {
        const page = await ask(device, { ...query, ...(cursor === null ? {} : { cursor }) });
        expect(page.points.length).toBeLessThanOrEqual(query.limit ?? 10_000);
        if (interval >= 0) expect(page.interval).toBe(interval);
        interval = page.interval;
        points.push(...page.points);
        cursor = page.next;
      } while (cursor !== null);
      return { interval, points };
    }

    async function exported(device: string, query: { metric?: string; from?: number; to?: number } = {}) {
      const rows: ExportRow[] = [];
      for await (const row of under.history.export({ device, from: START, to: START + HOUR, ...query })) {
        rows.push(row);
      }
      return rows;
    }

    const at = (device: string, ms: number, value: Value, us = 0) =>
      reading(device, (START + ms) * 1000 + us, { m: value });

    test('knows nothing of what was never written', async () => {
      expect(await ask(fresh(), {})).toMatchObject({ points: [], next: null });
      expect(await ask(fresh(), { aggregate: 'raw' })).toEqual({ interval: 0, points: [], next: null });
      expect(await exported(fresh())).toEqual([]);
    });

    test('a range includes its beginning and excludes its end', async () => {
      const device = fresh();
      await under.write([-1, 0, 999, 1000].map((ms) => at(device, ms, ms)));
      for (const aggregate of ['raw', 'sum'] as const) {
        const { points } = await ask(device, { to: START + 1000, points: 1, aggregate });
        expect(points).toEqual(
          aggregate === 'raw'
            ? [
                [START, 0],
                [START + 999, 999],
              ]
            : [[START, 999]],
        );
      }
      expect((await exported(device, { to: START + 1000 })).map(({ value }) => value)).toEqual([0, 999]);
    });

    test('aggregates as a simple model does, page by page', async () => {
      const samples = fc.array(
        fc.tuple(
          fc.nat(HOUR * 1000 - 1),
          fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4),
        ),
        { minLength: 1, maxLength: 60 },
      );
      const queries = fc.record({
        from: fc.nat(HOUR).map((ms) => START + ms - HOUR / 2),
        rangeMs: fc.integer({ min: 1, max: 2 * HOUR }),
        points: fc.integer({ min: 1, max: 200 }),
        aggregate: fc.constantFrom(...NUMERIC),
        limit: fc.integer({ min: 1, max: 50 }),
      });
      await fc.assert(
        fc.asyncProperty(
          samples,
          fc.array(queries, { minLength: 1, maxLength: 8 }),
          fc.boolean(),
          async (list, asked, tidy) => {
            const device = fresh();
            const times = new Map(list);
            const readings = Array.from(times, ([us, m]) => reading(device, START * 1000 + us, { m }));
            await under.write(readings);
            if (tidy) await under.tidy();
            for (const { from, rangeMs, points, aggregate, limit } of asked) {
              const range = { from, to: from + rangeMs };
              const answer = await allPages(device, { ...range, points, aggregate, limit });
              expect(answer.points.length).toBeLessThanOrEqual(points);
              expect(answer.points).toEqual(
                aggregateNaively(readings, { ...range, aggregate }, answer.interval),
              );
            }
          },
        ),
        { numRuns: 25 },
      );
    });

    test('gives single readings back page by page, those of one time too', async () => {
      const device = fresh();
      const boots = ['a', 'b', 'c'];
      const readings = boots.flatMap((boot, step) =>
        [0, 0.25, 500, 500.001].map((ms) => reading(device, (START + ms) * 1000, { m: step }, { boot })),
      );
      await under.write(readings.slice(0, 7));
      await under.tidy();
      await under.write(readings.slice(7));
      const whole = await ask(device, { aggregate: 'raw' });
      expect(whole).toMatchObject({ interval: 0, next: null });
      expect(whole.points).toHaveLength(keepsEqualTimes ? readings.length : readings.length / boots.length);
      for (let limit = 1; limit <= readings.length; limit++) {
        expect((await allPages(device, { aggregate: 'raw', limit })).points).toEqual(whole.points);
      }
    });

    test('booleans and texts come back as what they are', async () => {
      const device = fresh();
      await under.write([true, false, true].map((value, step) => at(device, step, value)));
      expect((await ask(device, { aggregate: 'last', points: 1 })).points).toEqual([[START, true]]);
      expect((await ask(device, { aggregate: 'raw' })).points.map(([, value]) => value)).toEqual([
        true,
        false,
        true,
      ]);
      expect((await ask(device, { aggregate: 'mean', points: 1 })).points).toEqual([[START, 2 / 3, 0, 1, 3]]);

      const talker = fresh();
      await under.write(['a', 'b', 'ü\n"'].map((value, step) => at(talker, step, value)));
      expect((await ask(talker, { aggregate: 'last', points: 1 })).points).toEqual([[START, 'ü\n"']]);
      expect((await ask(talker, { aggregate: 'count', points: 1 })).points).toEqual([[START, 3]]);
      expect((await ask(talker, { aggregate: 'raw' })).points.map(([, value]) => value)).toEqual([
        'a',
        'b',
        'ü\n"',
      ]);
      for (const aggregate of ['mean', 'min', 'max', 'sum'] as const) {
        await expect(ask(talker, { aggregate })).rejects.toMatchObject({
          code: 'bad_aggregate',
          status: 422,
        });
      }
    });

    test('the largest numbers have a mean and a sum', async () => {
      const device = fresh();
      await under.write([1e308, 1.5e308, 1e308].map((value, step) => at(device, step, value)));
      const { points } = await ask(device, { points: 1 });
      expect(points[0]?.slice(2)).toEqual([1e308, 1.5e308, 3]);
      expect(Number(points[0]?.[1]) / 1e308).toBeCloseTo(3.5 / 3, 9);
      expect((await ask(device, { aggregate: 'sum', points: 1 })).points).toEqual([
        [START, Number.MAX_VALUE],
      ]);
    });

    test('a metric whose type changed is still one', async () => {
      const device = fresh();
      await under.write([1, 'two', true, 4].map((value, step) => at(device, step, value)));
      expect((await ask(device, { aggregate: 'raw' })).points.map(([, value]) => value)).toEqual([
        1,
        'two',
        true,
        4,
      ]);
      expect((await ask(device, { aggregate: 'count', points: 1 })).points).toEqual([[START, 4]]);
      expect((await ask(device, { aggregate: 'last', points: 1 })).points).toEqual([[START, 4]]);
      expect((await ask(device, { aggregate: 'last', points: 1, to: START + 2 })).points).toEqual([
        [START, 'two'],
      ]);
      expect((await ask(device, { aggregate: 'max', points: 1 })).points).toEqual([[START, 4]]);
    });

    test('what came late stands where it belongs', async () => {
      const device = fresh();
      const dayMs = 24 * HOUR;
      await under.write([at(device, 0, 3)]);
      await under.tidy();
      await under.write([at(device, -40 * dayMs, 1), at(device, -dayMs, 2)]);
      await under.tidy();
      await under.write([at(device, -40 * dayMs, 1.5, 1)]);
      const { points } = await ask(device, { from: START - 100 * dayMs, aggregate: 'raw' });
      expect(points.map(([, value]) => value)).toEqual([1, 1.5, 2, 3]);
    });

    test('exports one metric or all of a device, in order of time', async () => {
      const device = fresh();
      const readings = Array.from({ length: 300 }, (_, step) =>
        reading(device, (START + ((step * 7919) % 300) * 10) * 1000, {
          m: step,
          text: `t${step}`,
          on: step % 2 === 0,
        }),
      );
      await under.write(readings.slice(0, 150));
      await under.tidy();
      await under.write(readings.slice(150));
      const rows = await exported(device);
      const expected = [...readings].sort((a, b) => a.time - b.time);
      expect(rows.map(({ time }) => time)).toEqual(expected.flatMap(({ time }) => [time, time, time]));
      for (const { time, values } of expected) {
        const found = rows.filter((row) => row.time === time).map(({ metric, value }) => [metric, value]);
        expect(Object.fromEntries(found)).toEqual(values);
      }
      const texts = await exported(device, { metric: 'text' });
      expect(texts.map(({ value }) => value)).toEqual(expected.map(({ values }) => values.text));
    });

    test('an export ends when it is aborted', async () => {
      const device = fresh();
      await under.write(Array.from({ length: 50 }, (_, step) => at(device, step, step)));
      const stop = new AbortController();
      stop.abort();
      const rows = under.history.export({ device, from: START, to: START + HOUR }, stop.signal);
      await expect(rows[Symbol.asyncIterator]().next()).rejects.toThrow();
    });

    test('refuses a cursor that is none of its own', async () => {
      const device = fresh();
      await under.write([at(device, 0, 1), at(device, 1, 2)]);
      const rowCursor = (await ask(device, { aggregate: 'raw', limit: 1 })).next ?? '';
      for (const cursor of ['', '%', 'AAAA', rowCursor]) {
        await expect(ask(device, { cursor })).rejects.toMatchObject({ code: 'bad_cursor', status: 422 });
      }
    });

    test('says how much it occupies here, or that it lives elsewhere', () => {
      const bytes = under.history.bytes();
      if (bytes !== null) expect(bytes).toBeGreaterThan(0);
    });
  });
}
