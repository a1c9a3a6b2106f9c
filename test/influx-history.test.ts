import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeHistory } from '../hub/src/history/history.contract.js';
import { deviceTerm } from '../hub/src/history/influx/source.js';
import { identifier } from '../hub/src/sinks/influx/quoting.js';
import { reading } from '../hub/src/sinks/sinks.fixture.js';
import { influxParts, type PartsOptions, ROLLUPS } from './kit/influx-parts.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';

const isThere = requireInfluxd();
let influxd: Influxd;
beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

let databases = 0;
async function open(options: Partial<PartsOptions> = {}) {
  const parts = influxParts({ url: influxd.url, database: `db ${++databases}`, ...options });
  await parts.sink.open();
  return parts;
}

describe.runIf(isThere)('history in InfluxDB', () => {
  describeHistory(
    'InfluxDB',
    async () => {
      const { history, write, close } = await open();
      return { history, close, tidy: async () => undefined, write: async (r) => void (await write(r)) };
    },
    { keepsEqualTimes: false },
  );

  describeHistory(
    'InfluxDB with rollups',
    async () => {
      const { history, write, close, admin } = await open({ wishes: ROLLUPS });
      return { history, close, tidy: () => admin.tidy(), write: async (r) => void (await write(r)) };
    },
    { keepsEqualTimes: false },
  );
});

test.runIf(isThere)('ranges beyond the times of InfluxDB are answered like any', async () => {
  const { history, write, close } = await open();
  onTestFinished(close);
  const [time, question] = [Date.UTC(2026, 10, 20), { device: 'd', metric: 'm', limit: 100 }];
  await write([reading('d', time * 1000, { m: 1 })]);
  const [next, end] = [Date.UTC(9999, 0, 1), 8.64e15];
  for (const aggregate of ['mean', 'last', 'count', 'raw'] as const) {
    for (const points of [1, 500]) {
      for (const to of [Date.UTC(2263, 0, 1), next, end]) {
        const answer = await history.query({ ...question, aggregate, points, from: 0, to });
        expect(answer).toMatchObject({ points: [expect.anything()], next: null });
      }
      const range = { from: next, to: end };
      expect((await history.query({ ...question, aggregate, points, ...range })).points).toEqual([]);
    }
  }
  const cursor = Buffer.from('r 9999999999999999 0').toString('base64url');
  const range = { from: 0, to: next, points: 1 };
  expect((await history.query({ ...question, ...range, aggregate: 'raw', cursor })).points).toEqual([]);
});

test.runIf(isThere)('an answer that InfluxDB cuts off is an error, not the whole', async () => {
  const short = await startInfluxd({ env: { INFLUXDB_HTTP_MAX_ROW_LIMIT: '10' } });
  onTestFinished(() => short.dispose());
  const { history, write, close } = await open({ url: short.url });
  onTestFinished(close);
  await write(Array.from({ length: 20 }, (_, n) => reading('d', n * 1_000_000, { m: n })));
  const question = { device: 'd', metric: 'm', from: 0, points: 20, limit: 100 };
  for (const aggregate of ['raw', 'max'] as const) {
    expect((await history.query({ ...question, aggregate, to: 10_000 })).points).toHaveLength(10);
    await expect(history.query({ ...question, aggregate, to: 20_000 })).rejects.toMatchObject({
      ...{ code: 'history_unavailable', message: expect.stringContaining('max-row-limit') },
    });
  }
});

test.runIf(isThere)('answers of the 10,000 rows that old configurations allow are read on', async () => {
  const short = await startInfluxd({ env: { INFLUXDB_HTTP_MAX_ROW_LIMIT: '10000' } });
  onTestFinished(() => short.dispose());
  const { history, write, close } = await open({ url: short.url });
  onTestFinished(close);
  await write(Array.from({ length: 25_000 }, (_, n) => reading('d', n, { m: n })));
  let next = 0;
  for await (const { value } of history.export({ device: 'd', from: 0, to: 1_000 })) {
    expect(value).toBe(next++);
  }
  expect(next).toBe(25_000);
});

test.runIf(isThere)('the reason of a request that failed is told, whichever statement it was', async () => {
  const { client, close } = await open();
  onTestFinished(close);
  const good = 'SHOW MEASUREMENTS';
  const bad = 'SELECT m FROM nowhere.m';
  for (const statements of [[bad], [bad, good], [good, bad], [good, bad, good], [bad, bad, bad]]) {
    await expect(client.query(statements)).rejects.toThrow('retention policy not found: nowhere');
  }
});

describe.runIf(isThere)('names and texts in queries', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      `x"; DROP DATABASE db; --`,
      `x' OR 1=1 --`,
      `\\`,
      `\\"`,
      `\\\\'`,
      `a\nb`,
      `"`,
      `'`,
      `$device`,
      `/.*/`,
      `ü 🚿`,
      `x\\n`,
      `a.b`,
      `a;b`,
    ),
    fc.string({
      unit: fc.constantFrom('"', "'", '\\', ';', '.', '$', '/', ' ', ',', '=', 'a', '\n'),
      maxLength: 12,
    }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  );
  const text = hostile.map((name) => name.replaceAll('\0', '')).filter((name) => name.trim() !== '');

  test('an identifier is that name and nothing else', async () => {
    const { client, close, write } = await open();
    onTestFinished(close);
    await write([reading('d', 1_000_000, { m: 1 })]);
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const found = await client.query(`SELECT m AS ${identifier(name)} FROM "default"`);
        expect(found[0]?.[0]?.columns).toEqual(['time', name]);
        expect(await client.query(`SELECT m FROM ${identifier(`x${name}`)}`)).toEqual([[]]);
      }),
      { numRuns: 100 },
    );
  });

  test('a text is that text and nothing else, as a literal and as a placeholder', async () => {
    const { client, close, write } = await open();
    onTestFinished(close);
    await write([reading('other', 1_000_000, { m: 1 })]);
    await fc.assert(
      fc.asyncProperty(text, async (device) => {
        for (const knowsPlaceholders of [true, false]) {
          const { term, placeholders } = deviceTerm(device, knowsPlaceholders);
          const found = await client.query(`SELECT m FROM "default" WHERE "device" = ${term}`, {
            placeholders,
          });
          expect(found).toEqual([[]]);
          const except = await client.query(`SELECT m FROM "default" WHERE "device" != ${term}`, {
            placeholders,
          });
          expect(except[0]?.[0]?.values).toEqual([[1_000_000, 1]]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('metrics and devices with hostile names are read back as themselves', async () => {
    const { history, write, close } = await open();
    onTestFinished(close);
    const metrics = [
      'a',
      'a_b',
      'mean_a',
      'a.b-c',
      'value',
      'select',
      'from',
      'count_a',
      'A',
      'toString',
      'Time',
      '_',
    ];
    const devices = ['select', 'd-1', '0', 'X'.repeat(64)];
    const readings = devices.map((device, n) =>
      reading(
        device,
        1_795_000_000_000_000 + n,
        Object.fromEntries(metrics.map((metric, m) => [metric, n * 100 + m])),
      ),
    );
    expect(await write(readings)).toEqual([]);
    for (const [n, device] of devices.entries()) {
      for (const [m, metric] of metrics.entries()) {
        const range = { from: 1_795_000_000_000, to: 1_795_000_000_001 };
        const query = { device, metric, ...range, points: 1, limit: 10 };
        for (const aggregate of ['raw', 'max', 'sum', 'last'] as const) {
          const { points } = await history.query({ ...query, aggregate });
          expect(points).toEqual([[1_795_000_000_000, n * 100 + m]]);
        }
      }
    }
  });
});

describe.runIf(isThere)('a device in several measurements and fields', () => {
  const START = Date.UTC(2026, 10, 20, 10);
  const question = { device: 'd', metric: 'm', from: START, to: START + 10_000, points: 10, limit: 100 };
  const at = (ms: number, m: number | string | boolean, device = 'd') =>
    reading(device, (START + ms) * 1000, { m });

  test('is one series, also after its profile was changed', async () => {
    const { history, write, registry, close } = await open();
    onTestFinished(close);
    await write([at(0, 1), at(1_000, 2)]);
    expect((await history.query({ ...question, aggregate: 'count' })).points).toHaveLength(2);
    registry.create({ id: 'd', profile: 'env' });
    await write([at(2_000, 3), at(2_500, 5)]);
    registry.update('d', { profile: 'other' });
    await write([at(3_000, 7)]);
    const values = (await history.query({ ...question, aggregate: 'raw' })).points.map(([, value]) => value);
    expect(values).toEqual([1, 2, 3, 5, 7]);
    const sums = await history.query({ ...question, points: 1, aggregate: 'mean' });
    expect(sums.points).toEqual([[START, 3.6, 1, 7, 5]]);
    const last = await history.query({ ...question, points: 1, aggregate: 'last' });
    expect(last.points).toEqual([[START, 7]]);
    const rows = [];
    for await (const { value } of history.export({ device: 'd', from: START, to: START + 10_000 }))
      rows.push(value);
    expect(rows).toEqual([1, 2, 3, 5, 7]);
  });

  test('microseconds, large integers and the digits of numbers come back', async () => {
    const { history, write, close } = await open();
    onTestFinished(close);
    const timeUs = START * 1000 + 123_457;
    const values = { n: 2 ** 53 - 1, third: 1 / 3, tiny: 5e-324 };
    await write([reading('d', timeUs, values)]);
    const rows = [];
    for await (const row of history.export({ device: 'd', from: START, to: START + 10_000 })) rows.push(row);
    expect(rows.map(({ time }) => time)).toEqual([timeUs, timeUs, timeUs]);
    expect(Object.fromEntries(rows.map(({ metric, value }) => [metric, value]))).toEqual(values);
  });

  test('an export of many readings is read a page at a time', async () => {
    const { client, history, write, close } = await open();
    onTestFinished(close);
    const count = 45_000;
    await write(Array.from({ length: count }, (_, n) => reading('d', START * 1000 + n, { m: n })));
    const asked = vi.spyOn(client, 'query');
    let next = 0;
    for await (const { value } of history.export({ device: 'd', from: START, to: START + 10_000 })) {
      expect(value).toBe(next++);
    }
    expect(next).toBe(count);
    expect(asked.mock.calls.filter(([text]) => String(text).includes('LIMIT 20000'))).toHaveLength(3);
  });
});
