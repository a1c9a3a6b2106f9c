import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { aggregateNaively } from '../hub/src/history/naive-model.fixture.js';
import { reading } from '../hub/src/sinks/sinks.fixture.js';
import type { Reading } from '../journal/src/index.js';
import { FaultyProxy } from './kit/faulty-proxy.js';
import { continuousQueries, policies, quoted } from './kit/influx-made.js';
import { influxParts, NO_WISHES, type PartsOptions, ROLLUPS } from './kit/influx-parts.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { tempDir } from './kit/temp-dir.js';

const isThere = requireInfluxd();
let influxd: Influxd;
beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 2026-11-18 00:00 UTC in ms; the hub's clock stands two days later, at 2026-11-20 00:05. */
const START = Date.UTC(2026, 10, 18);
const NOW = START + 2 * DAY + 5 * MINUTE;

let databases = 0;
const nextDatabase = () => `rollups "${++databases}`;

async function open(options: Partial<PartsOptions> = {}) {
  const clock = { now: NOW };
  const database = options.database ?? nextDatabase();
  const parts = influxParts({
    ...{ url: influxd.url, database, wishes: ROLLUPS, now: () => clock.now },
    ...options,
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await parts.close();
    isOpen = false;
  };
  onTestFinished(close);
  await parts.sink.open();
  /** All that was asked of InfluxDB. */
  const statements: string[] = [];
  let isBroken = false;
  const query = parts.client.query.bind(parts.client);
  parts.client.query = (asked, more) => {
    statements.push(String(asked));
    if (isBroken && String(asked).includes('INTO')) return Promise.reject(new Error('a full disk'));
    return query(asked, more);
  };
  /** The statements of the last question to InfluxDB that had one about `text`. */
  const lastAsked = (text: string) => statements.findLast((asked) => asked.includes(text));
  /** From now on, what is to write rollups fails, or does not. */
  const breakRollups = (breaks: boolean) => {
    isBroken = breaks;
  };
  const ask = (device: string, query: object) =>
    parts.history.query({
      ...{ device, metric: 'm', from: START, to: START + 2 * DAY, points: 2880, limit: 10_000 },
      ...{ aggregate: 'mean' as const },
      ...query,
    });
  return { ...parts, ask, breakRollups, clock, close, database, lastAsked, statements };
}

const at = (device: string, ms: number, m: Reading['values'][string]) =>
  reading(device, (START + ms) * 1000, { m });

describe.runIf(isThere)('rollups in InfluxDB', () => {
  test('answer as the raw readings do, whatever came when', async () => {
    const { admin, ask, write, lastAsked } = await open();
    const samples = fc.array(
      fc.tuple(
        fc.oneof(
          fc.nat(2 * DAY * 1000 - 1),
          fc.nat(2 * HOUR * 1000).map((us) => us + 30 * HOUR * 1000),
        ),
        fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4),
      ),
      { minLength: 1, maxLength: 80 },
    );
    const queries = fc.record({
      from: fc.nat(DAY / MINUTE).map((minutes) => START + minutes * MINUTE),
      shift: fc.constantFrom(0, 0, 1, 30_000, 59_999),
      points: fc.constantFrom(1, 2, 12, 48, 500, 1440),
      aggregate: fc.constantFrom(...(['mean', 'last', 'min', 'max', 'sum', 'count'] as const)),
      limit: fc.constantFrom(7, 10_000),
    });
    let devices = 0;
    let rolledUp = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(samples, fc.boolean()), { minLength: 1, maxLength: 3 }),
        fc.array(queries, { minLength: 1, maxLength: 6 }),
        async (parts, asked) => {
          const device = `device-${++devices}`;
          const values = new Map<number, number>();
          for (const [part, tidy] of parts) {
            await write(part.map(([us, m]) => reading(device, START * 1000 + us, { m })));
            for (const [us, m] of part) values.set(us, m);
            if (tidy) await admin.tidy();
          }
          const readings = Array.from(values, ([us, m]) => reading(device, START * 1000 + us, { m }));
          for (const { from, shift, points, aggregate, limit } of asked) {
            const range = { from: from + shift, to: from + shift + DAY };
            const answer = await ask(device, { ...range, points, aggregate, limit });
            const expected = aggregateNaively(readings, { ...range, aggregate }, answer.interval);
            expect(answer.points).toEqual(expected.slice(0, limit));
            if (lastAsked(`time(${answer.interval}ms)`)?.includes('rollup_')) rolledUp++;
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(rolledUp).toBeGreaterThan(20);
  });

  test('what came late is read raw until the rollup has it', async () => {
    const { admin, ask, write, lastAsked } = await open();
    await write([at('d', 10 * HOUR, 1), at('d', 20 * HOUR, 5)]);
    await admin.tidy();
    const answer = () => ask('d', { points: 48, aggregate: 'sum' });
    expect((await answer()).points).toEqual([
      [START + 10 * HOUR, 1],
      [START + 20 * HOUR, 5],
    ]);
    expect(lastAsked('3600000ms')).not.toContain('"raw_');
    expect(lastAsked('3600000ms')).toContain('"rollup_1h"');
    await write([at('d', 10 * HOUR + 1, 2)]);
    const expected = [
      [START + 10 * HOUR, 3],
      [START + 20 * HOUR, 5],
    ];
    expect((await answer()).points).toEqual(expected);
    expect(lastAsked('3600000ms')).toMatch(/"autogen".*"rollup_1h"|"rollup_1h".*"autogen"/);
    await admin.tidy();
    expect((await answer()).points).toEqual(expected);
    expect(lastAsked('3600000ms')).not.toContain('"autogen"');
  });

  test('a repair that was due is not forgotten over a restart', async () => {
    const directory = tempDir('rollups');
    onTestFinished(() => directory.remove());
    const database = nextDatabase();
    const first = await open({ directory: directory.path, database });
    await first.write([at('d', HOUR, 1)]);
    await first.admin.tidy();
    await first.write([at('d', HOUR + 1, 2)]);
    await first.close();
    const second = await open({ directory: directory.path, database });
    expect((await second.ask('d', { points: 48, aggregate: 'sum' })).points).toEqual([[START + HOUR, 3]]);
    await second.admin.tidy();
    expect((await second.ask('d', { points: 48, aggregate: 'sum' })).points).toEqual([[START + HOUR, 3]]);
    expect(second.lastAsked('3600000ms')).not.toContain('"autogen"');
  });

  test('the last reading is the last one, also where the tags of the device were changed', async () => {
    const { admin, ask, registry, write, lastAsked } = await open({ tags: ['site'] });
    registry.create({ id: 'd', tags: { site: 'b' } });
    await write([at('d', 0, 100), at('d', 2 * HOUR, 3)]);
    registry.update('d', { tags: { site: 'a' } });
    await write([at('d', HOUR / 2, 1), at('d', 4 * HOUR, 7)]);
    await admin.tidy();
    expect((await ask('d', { points: 48, aggregate: 'last' })).points).toEqual([
      [START, 1],
      [START + 2 * HOUR, 3],
      [START + 4 * HOUR, 7],
    ]);
    expect(lastAsked('3600000ms')).toContain('rollup_1h');
  });

  test('come back by themselves when somebody removes their policy', async () => {
    const { admin, ask, write, database, lastAsked } = await open();
    await write([at('d', HOUR, 1)]);
    await admin.tidy();
    await influxd.query(`DROP RETENTION POLICY rollup_1h ON ${quoted(database)}`);
    await write([at('d', HOUR + 1, 2)]);
    await admin.tidy();
    await admin.tidy();
    expect((await ask('d', { points: 48, aggregate: 'sum' })).points).toEqual([[START + HOUR, 3]]);
    expect(lastAsked('3600000ms')).not.toContain('"autogen"');
  });

  test('the end waits for no answer of InfluxDB', async () => {
    const proxy = new FaultyProxy(() => influxd.url);
    await proxy.start();
    onTestFinished(() => proxy.close());
    const { admin, close, write } = await open({ url: proxy.url, timeoutMs: 600_000 });
    await write([at('d', HOUR, 1)]);
    const hangs = new Promise<void>((resolve) => {
      proxy.fault = () => {
        resolve();
        return 'hang';
      };
    });
    const pass = admin.tidy();
    await hangs;
    await close();
    await pass;
  });

  test('a failed repair is tried again, and answers stay right meanwhile', async () => {
    const { admin, ask, breakRollups, write, told } = await open();
    await write([at('d', HOUR, 1)]);
    await admin.tidy();
    await write([at('d', HOUR + 1, 2)]);
    breakRollups(true);
    await admin.tidy();
    expect(told.join('\n')).toContain('rollups cannot be made now');
    expect((await ask('d', { points: 48, aggregate: 'sum' })).points).toEqual([[START + HOUR, 3]]);
    breakRollups(false);
    await admin.tidy();
    expect((await ask('d', { points: 48, aggregate: 'sum' })).points).toEqual([[START + HOUR, 3]]);
    expect(told.join('\n')).toContain('rollups are made again');
  });

  test('hold booleans, texts, integers and sums beyond the range of numbers', async () => {
    const { admin, ask, write, fields, lastAsked } = await open();
    await write([
      reading('d', START * 1000, { m: true, text: 'a', big: 1e308 }),
      reading('d', START * 1000 + 1, { m: false, text: 'b', big: 1.5e308 }),
      reading('d', START * 1000 + 2, { m: true, text: 'c', big: 1e308, n: 3 }),
    ]);
    expect(fields.ofMetric('default', 'm')).toHaveLength(1);
    await admin.tidy();
    const hourly = { points: 48 };
    expect((await ask('d', hourly)).points).toEqual([[START, 2 / 3, 0, 1, 3]]);
    expect(lastAsked('true_m')).toContain('rollup_1h');
    expect((await ask('d', { ...hourly, aggregate: 'last' })).points).toEqual([[START, true]]);
    expect((await ask('d', { ...hourly, metric: 'text', aggregate: 'last' })).points).toEqual([[START, 'c']]);
    expect((await ask('d', { ...hourly, metric: 'text', aggregate: 'count' })).points).toEqual([[START, 3]]);
    expect((await ask('d', { ...hourly, metric: 'n' })).points).toEqual([[START, 3, 3, 3, 1]]);
    const [big] = (await ask('d', { ...hourly, metric: 'big' })).points;
    expect(big?.slice(2)).toEqual([1e308, 1.5e308, 3]);
    expect(Number(big?.[1]) / 1e308).toBeCloseTo(3.5 / 3, 9);
  });

  test('answer for what has expired', async () => {
    const clock = { now: Date.now() };
    const database = nextDatabase();
    const wishes = { ...ROLLUPS, rawMsOf: new Map([['default', 2 * DAY]]) };
    const { admin, ask, history, write } = await open({ now: () => clock.now, wishes, database });
    expect(await policies(influxd, database)).toMatchObject({ raw_default: '48h0m0s' });
    const hour = Math.floor(clock.now / HOUR) * HOUR - 30 * HOUR;
    const readings = Array.from({ length: 60 }, (_, n) => reading('d', (hour + n * MINUTE) * 1000, { m: n }));
    await write(readings);
    await admin.tidy();
    // As if a day had passed, and InfluxDB had dropped what is too old.
    clock.now += DAY;
    for (const { name, columns, values } of await influxd.query('SHOW SHARDS')) {
      if (name !== database) continue;
      for (const row of values) {
        if (row[columns.indexOf('retention_policy')] !== 'raw_default') continue;
        await influxd.query(`DROP SHARD ${row[columns.indexOf('id')]}`);
      }
    }
    const range = { from: hour, to: hour + HOUR };
    expect((await ask('d', { ...range, aggregate: 'raw' })).points).toEqual([]);
    for (const points of [1, 12, 60]) {
      const answer = await ask('d', { ...range, points });
      expect(answer.points).toEqual(
        aggregateNaively(readings, { ...range, aggregate: 'mean' }, answer.interval),
      );
    }
    const fine = await ask('d', { ...range, points: 360, aggregate: 'count' });
    expect(fine.interval).toBe(10_000);
    expect(fine.points).toHaveLength(60);
    // A remnant does not replace the row of a minute that once held more.
    await influxd.write(database, `default,device=d m=1000 ${(hour + 1) * 1000}`, 'raw_default');
    admin.written('default', [{ fromUs: (hour + 1) * 1000, toUs: (hour + 1) * 1000 }]);
    await admin.tidy();
    const again = await ask('d', { ...range, points: 60 });
    expect(again.points).toEqual(aggregateNaively(readings, { ...range, aggregate: 'mean' }, MINUTE));
    const exported = [];
    for await (const { value } of history.export({ device: 'd', ...range })) exported.push(value);
    expect(exported).toEqual([1000]);
  });

  test('are made by the readings that were there before', async () => {
    const directory = tempDir('rollups');
    onTestFinished(() => directory.remove());
    const database = nextDatabase();
    const before = await open({ directory: directory.path, database, wishes: NO_WISHES });
    await before.write([at('d', -400 * DAY, 1), at('d', 5 * MINUTE, 2), at('d', 7 * MINUTE, 4)]);
    await before.close();
    const { admin, ask, lastAsked } = await open({ directory: directory.path, database });
    await admin.tidy();
    const long = { from: START - 500 * DAY, to: START + DAY, points: 600, aggregate: 'sum' };
    expect((await ask('d', long)).points).toEqual([
      [START - 400 * DAY, 1],
      [START, 6],
    ]);
    expect(lastAsked('time(')).not.toContain('autogen');
  });

  /** What InfluxDB's own timer does at the end of each minute and hour. */
  async function runContinuousQueries(database: string, from: number, to: number) {
    for (const { text } of await continuousQueries(influxd, database)) {
      const [, select = ''] = /BEGIN (.*) END/.exec(text) ?? [];
      const during = ` WHERE time >= ${from}ms AND time < ${to}ms GROUP BY`;
      await influxd.query(select.replace(' GROUP BY', during), database);
    }
  }

  test('are made by continuous queries when the hub is not there', async () => {
    const { write, database, admin } = await open();
    await write([at('d', 0, 1)]);
    await admin.tidy();
    await influxd.write(database, `default,device=d m=2 ${(START + HOUR + 1) * 1000}`);
    await influxd.write(database, `default,device=d m=4 ${(START + HOUR + 2) * 1000}`);
    await runContinuousQueries(database, START + HOUR, START + 2 * HOUR);
    for (const policy of ['rollup_1m', 'rollup_1h']) {
      const select = `SELECT mean_m, min_m, max_m, sum_m, count_m, last_m FROM ${policy}."default"`;
      const series = await influxd.query(`${select} WHERE time >= ${START + HOUR}ms`, database);
      expect(series.flatMap(({ values }) => values)).toEqual([[(START + HOUR) * 1000, 3, 2, 4, 6, 2, 4]]);
    }
  });

  test('of continuous queries are taken over if they are whole, and made again if not', async () => {
    const { write, database, admin, ask, clock, statements } = await open();
    const on = (ms: number, m: number, door: boolean) => reading('d', (START + ms) * 1000, { m, door });
    const minutely = { from: START, to: START + 3 * DAY, points: 4320 };
    await write([on(0, 1, true)]);
    await admin.tidy();
    const [first, second] = [2 * DAY + 10 * MINUTE, 2 * DAY + 20 * MINUTE];

    await write([on(first, 2, true), on(first + 1, 4, false)]);
    clock.now += 10 * MINUTE;
    await runContinuousQueries(database, START + first, START + first + MINUTE);
    statements.length = 0;
    await admin.tidy();
    expect(statements.filter((text) => text.includes('INTO "') && text.includes('"rollup_1m"'))).toHaveLength(
      1,
    );
    expect(statements.join('\n')).not.toContain('min(*)');
    expect((await ask('d', minutely)).points.at(-1)).toEqual([START + first, 3, 2, 4, 2]);
    expect((await ask('d', { ...minutely, metric: 'door' })).points.at(-1)).toEqual([
      START + first,
      0.5,
      0,
      1,
      2,
    ]);

    await write([on(second, 5, true)]);
    await runContinuousQueries(database, START + second, START + second + MINUTE);
    await write([on(second + 1, 7, true)]);
    clock.now += 10 * MINUTE;
    statements.length = 0;
    await admin.tidy();
    expect(statements.join('\n')).toContain('min(*)');
    expect((await ask('d', minutely)).points.at(-1)).toEqual([START + second, 6, 5, 7, 2]);
  });
});
