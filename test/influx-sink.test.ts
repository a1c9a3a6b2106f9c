import type { Reading, Value } from '@fieldline/journal';
import { isMetricName, loadProfile, type Profile } from '@fieldline/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Fields } from '../hub/src/sinks/influx/fields.js';
import { describeSink, type StoredValue } from '../hub/src/sinks/sink.contract.js';
import type { Sink } from '../hub/src/sinks/sink.js';
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
} from '../hub/src/sinks/sinks.fixture.js';
import { FaultyProxy } from './kit/faulty-proxy.js';
import { influxParts, NO_WISHES, type PartsOptions } from './kit/influx-parts.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';

const isThere = requireInfluxd();
const SETTLE_MS = 20_000;
let influxd: Influxd;
let databases = 0;
let database: string;

beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
beforeEach(() => {
  database = `db${++databases}`;
});
afterAll(() => influxd?.dispose());

/** What a hub has for InfluxDB, with a database that belongs to this test. */
function makeParts(options: Partial<PartsOptions> = {}) {
  const parts = influxParts({ url: influxd.url, database, ...options });
  onTestFinished(() => parts.close());
  return parts;
}

/** Parts behind a proxy. */
async function behindProxy(options: Partial<PartsOptions> = {}) {
  const proxy = new FaultyProxy(() => influxd.url);
  await proxy.start();
  onTestFinished(() => proxy.close());
  const parts = makeParts({ url: proxy.url, ...options });
  await parts.sink.open();
  return { proxy, ...parts };
}

/** Every value of every measurement, read back through the registry of fields. */
async function storedValues(fields: Fields, from = database): Promise<StoredValue[]> {
  const series = await influxd.query('SELECT * FROM /.*/', from);
  return series.flatMap(({ name, columns, values }) => {
    const metrics = new Map(fields.ofMeasurement(name).map((field) => [field.name, field.metric]));
    const device = columns.indexOf('device');
    return values.flatMap((row) =>
      row.flatMap((value, column): StoredValue[] => {
        const metric = metrics.get(columns[column] ?? '');
        if (metric === undefined || value === null) return [];
        return [{ device: String(row[device]), time: Number(row[0]), metric, value: value as Value }];
      }),
    );
  });
}

/** What `SELECT <what>` gives, as one number. */
async function numberOf(what: string, from = 'default'): Promise<number> {
  const [answer] = await influxd.query(`SELECT ${what} FROM "${from}"`, database);
  return Number(answer?.values[0]?.[1] ?? 0);
}

/** A sink for which the pump does not wait until there is more. */
function hasty(sink: Sink): Sink {
  return {
    name: sink.name,
    batch: { ...sink.batch, lingerMs: 1 },
    open: () => sink.open(),
    write: (entries, signal) => sink.write(entries, signal),
    close: () => sink.close(),
  };
}

/** Makes a field a string, at the time of the readings, behind the hub's back. */
async function poison(field: string, timeUs = MIDNIGHT_US): Promise<void> {
  await influxd.query(`CREATE DATABASE "${database}"`);
  await influxd.write(database, `default,device=other ${field}="text" ${timeUs}`);
}

const CONFLICT = 'is type float, already exists as type string';

describe.runIf(isThere)('the sink for InfluxDB', () => {
  const databaseOf = new Map<string, string>();

  describeSink(
    'InfluxDB',
    async (directory) => {
      const own = databaseOf.get(directory) ?? database;
      databaseOf.set(directory, own);
      const { sink, fields, close } = influxParts({ url: influxd.url, database: own, directory });
      let closed: Promise<void> | undefined;
      return {
        sink,
        stored: () => storedValues(fields, own),
        close: () => (closed ??= close()),
      };
    },
    { exactlyOnce: true, negativeZero: true },
  );

  test('of 5,000 readings one is poison: 4,999 are stored, one is in the quarantine with the reason', async () => {
    await poison('odd');
    const { proxy, sink, fields } = await behindProxy();
    const journal = await openJournal(await scratchDirectory());
    const quarantine = new MemoryQuarantine();
    const pump = makePump({ sink, journal, quarantine });
    await pump.open();
    onTestFinished(() => pump.close(SETTLE_MS));
    const readings: Reading[] = series('d', 0, 5_000);
    readings[3_210] = { ...(readings[3_210] as Reading), values: { odd: 1 } };
    const { last } = await append(journal, readings);
    expect(await pump.settle(last, SETTLE_MS)).toBe(true);
    expect(await numberOf('COUNT(n)')).toBe(4_999);
    expect((await storedValues(fields)).filter(({ device }) => device === 'd')).toHaveLength(4_999);
    expect(quarantine.kept).toMatchObject([
      { device: 'd', value: { odd: 1 }, code: 'sink_rejected', source: 'influx' },
    ]);
    expect(quarantine.kept[0]?.message).toContain(`input field "odd" on measurement "default" ${CONFLICT}`);
    expect(proxy.count('/write')).toBeLessThanOrEqual(30);
    expect(pump.status()).toMatchObject({ state: 'running', written: 4_999 });
  });

  test('of a reading with a poison field the other fields are stored', async () => {
    await poison('odd');
    const { write } = await behindProxy();
    const readings = series('d', 0, 100).map((one, n) => ({
      ...one,
      values: n === 50 ? { a: n, odd: 1, b: true } : { a: n, b: true },
    }));
    expect(await write(readings)).toMatchObject([
      {
        reading: readings[50],
        metric: 'odd',
        code: 'sink_rejected',
        message: expect.stringContaining(CONFLICT),
      },
    ]);
    expect([await numberOf('COUNT(a)'), await numberOf('COUNT(b)')]).toEqual([100, 100]);
  });

  test('a whole batch of poison takes few requests', async () => {
    await poison('odd');
    await influxd.write(database, `default,device=other whole="text" ${MIDNIGHT_US}`);
    const { proxy, write } = await behindProxy();
    const parted = series('d', 0, 5_000).map((one) => ({ ...one, values: { a: 1, odd: 2, b: 3 } }));
    const refused = await write(parted);
    expect(refused).toHaveLength(5_000);
    expect(refused.every(({ metric, message }) => metric === 'odd' && message.includes(CONFLICT))).toBe(true);
    expect([await numberOf('COUNT(a)'), await numberOf('COUNT(b)')]).toEqual([5_000, 5_000]);
    const whole = series('d', 5_000, 5_000).map((one) => ({ ...one, values: { whole: 1 } }));
    expect(await write(whole)).toHaveLength(5_000);
    expect(proxy.count('/write')).toBeLessThanOrEqual(12);
  });

  test('devices that are refused among others take few requests', async () => {
    await poison('odd');
    const { proxy, write } = await behindProxy();
    // In turn, as they arrive: d0 and d5 send what is refused.
    const readings = Array.from({ length: 4_000 }, (_, n) =>
      reading(`d${n % 10}`, MIDNIGHT_US + n * SECOND_US, n % 5 === 0 ? { odd: n, a: n } : { a: n }),
    );
    const refused = await write(readings);
    expect(refused).toHaveLength(800);
    expect(refused.every(({ metric }) => metric === 'odd')).toBe(true);
    expect(await numberOf('COUNT(a)')).toBe(4_000);
    expect(proxy.count('/write')).toBeLessThanOrEqual(80);
  });

  test('readings that are refused take few requests, although every other one is', async () => {
    await poison('odd');
    const { proxy, write } = await behindProxy();
    const readings = Array.from({ length: 4_000 }, (_, n) =>
      reading(`d${n % 3}`, MIDNIGHT_US + n * SECOND_US, n % 2 === 0 ? { odd: n } : { a: n }),
    );
    expect(await write(readings)).toHaveLength(2_000);
    expect(await numberOf('COUNT(a)')).toBe(2_000);
    expect(proxy.count('/write')).toBeLessThanOrEqual(20);
  });

  test('readings too old for the retention policy take few requests, although every other one is', async () => {
    const { proxy, write } = await behindProxy({ wishes: { ...NO_WISHES, rawMs: 86_400_000 } });
    const now = Date.now() * 1000;
    const readings = Array.from({ length: 4_000 }, (_, n) =>
      reading(`d${n % 3}`, n % 2 === 0 ? now + n : now - 10 * 86_400 * SECOND_US + n, { n }),
    );
    expect(await write(readings)).toHaveLength(2_000);
    expect(await numberOf('COUNT(n)')).toBe(2_000);
    expect(proxy.count('/write')).toBeLessThanOrEqual(20);
  });

  test('what is older than the retention policy keeps is refused, and does not hold up the rest', async () => {
    const dayMs = 86_400_000;
    const parts = makeParts({ wishes: { ...NO_WISHES, rawMs: dayMs } });
    await parts.sink.open();
    const now = Date.now() * 1000;
    const old = series('d', 0, 10).map((one, n) => ({ ...one, time: now - (10 * dayMs - n) * 1000 }));
    const fresh = series('d', 0, 10).map((one, n) => ({ ...one, time: now + n }));
    const refused = await parts.write([...old, ...fresh]);
    expect(refused.map(({ reading }) => reading)).toEqual(old);
    for (const { metric, message } of refused) {
      expect([metric, message]).toEqual([undefined, 'partial write: points beyond retention policy']);
    }
    expect(await numberOf('COUNT(n)')).toBe(10);
  });

  test('measurements with a retention policy of their own are written to it', async () => {
    const wishes = { ...NO_WISHES, rawMsOf: new Map([['short', 30 * 86_400_000]]) };
    const parts = makeParts({ wishes });
    parts.registry.create({ id: 's', profile: 'short' });
    await parts.sink.open();
    const now = Date.now() * 1000;
    await parts.write([
      reading('s', now, { n: 1 }),
      reading('d', now, { n: 2 }),
      reading('s', now + 1, { n: 3 }),
    ]);
    const policy = parts.admin.retentionPolicyOf('short');
    expect(policy).toBeDefined();
    const [own] = await influxd.query(`SELECT n FROM "${policy}"."short"`, database);
    expect(own?.values.map(([, n]) => n)).toEqual([1, 3]);
    expect(await influxd.query('SELECT n FROM "short"', database)).toEqual([]);
    expect(await numberOf('SUM(n)')).toBe(2);
  });

  test('whatever a device is called, tagged and sends is read back field for field', async () => {
    const profile = loadProfile('profile: counted\nmetrics:\n  n: { type: integer }\n', 'counted.yaml');
    const profiles = new Map<string, Profile>([['counted', profile]]);
    const parts = makeParts({ tags: ['site', 'room.2'], profiles });
    await parts.sink.open();
    const awkward = fc.string({ unit: fc.constantFrom(...'\\,= "\'\n\r\t#a.🚿é\u2028'), maxLength: 12 });
    const text = fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 20 }));
    const tag = text.map((one) => one.replaceAll('\0', ''));
    const value = fc.oneof<fc.Arbitrary<Value>[]>(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53 + 2, 2 ** 63, 1e21),
      fc.boolean(),
      text,
    );
    const integer = fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(2 ** 63 - 1024, 2 ** 63, -(2 ** 63), 1e300),
    );
    const metric = fc
      .oneof(
        fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/),
        fc.constantFrom(
          '_name',
          '_fieldKey',
          '_tagKey',
          '_tagValue',
          '_seriesKey',
          'device',
          'site',
          'a',
          'a_string',
        ),
      )
      .filter((name) => isMetricName(name) && name !== 'n');
    const device = fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
      tags: fc.record({ site: tag, 'room.2': tag }),
      counted: fc.boolean(),
      values: fc.dictionary(metric, value, { minKeys: 1, maxKeys: 8, noNullPrototype: true }),
      n: integer,
    });
    const seed = Date.now();
    const lists = fc.uniqueArray(device, { selector: ({ id }) => id, minLength: 5, maxLength: 40 });
    const devices = fc.sample(lists, { numRuns: 20, seed }).flat();
    const readings: Reading[] = [];
    const known = new Map<string, (typeof devices)[number]>();
    for (const [at, one] of devices.entries()) {
      if (known.has(one.id)) continue;
      known.set(one.id, one);
      const { id, tags, counted, values, n } = one;
      parts.registry.create({ id, tags, ...(counted && { profile: 'counted' }) });
      readings.push(reading(id, MIDNIGHT_US + at, counted ? { ...values, n } : values));
    }
    expect(await parts.write(readings)).toEqual([]);

    const expected = new Map(readings.map((one) => [one.device, one]));
    const names = {
      counted: parts.fields.ofMeasurement('counted'),
      default: parts.fields.ofMeasurement('default'),
    };
    let rows = 0;
    for (const [name, fields] of Object.entries(names)) {
      const metrics = new Map(fields.map((field) => [field.name, field.metric]));
      const [found] = await influxd.query(`SELECT * FROM "${name}"`, database);
      for (const row of found?.values ?? []) {
        const cells = new Map(found?.columns.map((column, at) => [column, row[at]]));
        const id = String(cells.get('device'));
        const { tags, counted } = known.get(id) as (typeof devices)[number];
        const values: Record<string, unknown> = {};
        for (const [column, cell] of cells) {
          const ofMetric = metrics.get(column);
          if (ofMetric !== undefined && cell !== null) values[ofMetric] = cell;
        }
        const { time, values: sent } = expected.get(id) as Reading;
        expect([counted ? 'counted' : 'default', cells.get('time')]).toEqual([name, time]);
        expect(values, `seed ${seed}`).toEqual(sent);
        for (const [key, value] of Object.entries(tags)) {
          const isTag = value !== '' && !/[\n\r]/.test(value) && !value.endsWith('\\');
          expect(cells.get(key) ?? null).toBe(isTag ? value : null);
        }
        rows++;
      }
    }
    expect(rows).toBe(readings.length);
    expect(await influxd.query('SHOW MEASUREMENTS', database)).toMatchObject([
      { values: [['counted'], ['default']] },
    ]);
  });

  test('fields last: after a restart every type goes where it went before', async () => {
    const directory = await scratchDirectory();
    const values: Value[] = [1, 'one', true, 2, false, 'two'];
    for (const [at, m] of values.entries()) {
      const parts = influxParts({ url: influxd.url, database, directory });
      await parts.sink.open();
      expect(await parts.write([reading('d', MIDNIGHT_US + at, { m, m_string: at })])).toEqual([]);
      const stored = await storedValues(parts.fields);
      expect(stored.filter(({ metric }) => metric === 'm').map(({ value }) => value)).toEqual(
        values.slice(0, at + 1),
      );
      await parts.close();
    }
  });

  test('two requests are under way at once, over connections that are kept', async () => {
    const { proxy, write } = await behindProxy();
    let writes = 0;
    // The first one is not answered before the second has come.
    proxy.fault = ({ path }) => (path.startsWith('/write') && ++writes === 1 ? 'wait-for-next' : undefined);
    expect(await write(series('d', 0, 20_000))).toEqual([]);
    expect(await numberOf('COUNT(n)')).toBe(20_000);
    expect(proxy.count('/write')).toBe(4);
    expect(proxy.connections).toBeLessThanOrEqual(4);
  });

  test('compressed on request', async () => {
    const { proxy, write } = await behindProxy({ gzip: true });
    await write(series('d', 0, 100));
    expect(proxy.requests.at(-1)?.headers['content-encoding']).toBe('gzip');
    expect(await numberOf('COUNT(n)')).toBe(100);
  });

  test('a request that is too large is cut, and the next ones are smaller from the start', async () => {
    const small = await startInfluxd({ env: { INFLUXDB_HTTP_MAX_BODY_SIZE: '30000' } });
    onTestFinished(() => small.dispose());
    const proxy = new FaultyProxy(() => small.url);
    await proxy.start();
    onTestFinished(() => proxy.close());
    const { sink, write } = makeParts({ url: proxy.url });
    await sink.open();
    expect(await write(series('d', 0, 5_000))).toEqual([]);
    const first = proxy.count('/write');
    expect(await write(series('d', 5_000, 5_000))).toEqual([]);
    expect(proxy.count('/write') - first).toBeLessThan(first);
    const [answer] = await small.query('SELECT COUNT(n) FROM "default"', database);
    expect(answer?.values[0]?.[1]).toBe(10_000);
    // One line that is larger than anything the server takes: its fields go one by one.
    const long = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`s${n}`, 'x'.repeat(200)]));
    expect(await write([reading('d', MIDNIGHT_US - 1, long), reading('e', MIDNIGHT_US, { n: 1 })])).toEqual(
      [],
    );
    const [fields] = await small.query('SELECT * FROM "default" WHERE n = 1 OR s199 != \'\'', database);
    expect(fields?.values.length).toBeGreaterThanOrEqual(2);
  });

  test('a database that was dropped is made again', async () => {
    const { write } = await behindProxy();
    await write(series('d', 0, 10));
    await influxd.query(`DROP DATABASE "${database}"`);
    expect(await write(series('d', 10, 10))).toEqual([]);
    expect(await numberOf('COUNT(n)')).toBe(10);
  });

  test('wrong credentials hold everything, and right ones let it go', async () => {
    const credentials = { username: 'root', password: 'secret word' };
    const guarded = await startInfluxd({ env: { INFLUXDB_HTTP_AUTH_ENABLED: 'true' }, credentials });
    onTestFinished(() => guarded.dispose());
    await guarded.query(`CREATE USER root WITH PASSWORD 'secret word' WITH ALL PRIVILEGES`);
    const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    const wrong = makeParts({ url: guarded.url, headers: basic('root:wrong') });
    await expect(wrong.sink.open()).rejects.toMatchObject({ kind: 'credentials' });
    await expect(wrong.write(series('d', 0, 1))).rejects.toMatchObject({ kind: 'credentials' });
    const right = makeParts({ url: guarded.url, headers: basic('root:secret word') });
    await right.sink.open();
    expect(await right.write(series('d', 0, 5))).toEqual([]);
    const [answer] = await guarded.query('SELECT COUNT(n) FROM "default"', database);
    expect(answer?.values[0]?.[1]).toBe(5);
  });

  test.each([
    ['an overload', { status: 503 }, 'overload'],
    ['a broken server', { status: 500, body: '{"error":"engine: no such shard"}' }, 'overload'],
    ['a full disk', { status: 500, body: '{"error":"write wal: no space left on device"}' }, 'full'],
    ['missing rights', { status: 403, body: '{"error":"not authorized"}' }, 'credentials'],
    [
      'a database that cannot be made',
      { status: 404, body: '{"error":"database not found"}' },
      'credentials',
    ],
    ['somebody else at the address', { status: 404, body: '<html>' }, 'credentials'],
    ['a redirection', { status: 307, headers: { location: '/elsewhere' } }, 'credentials'],
    ['a reset', 'reset', 'network'],
    ['a reset in the middle of the answer', 'reset-in-answer', 'network'],
    ['silence', 'hang', 'network'],
  ] as const)('%s refuses nothing, and nothing counts as written', async (_, fault, kind) => {
    const { proxy, write } = await behindProxy({ timeoutMs: fault === 'hang' ? 300 : 10_000 });
    proxy.fault = ({ path }) => (path.startsWith('/write') ? fault : undefined);
    await expect(write(series('d', 0, 10))).rejects.toMatchObject({ name: 'SinkError', kind });
    expect(proxy.count('/elsewhere')).toBe(0);
    proxy.fault = () => undefined;
    expect(await write(series('d', 0, 10))).toEqual([]);
    expect(await numberOf('COUNT(n)')).toBe(10);
  });

  test('what was written without an answer is not written twice, although tags and profile were changed', async () => {
    const { proxy, sink, registry } = await behindProxy({ tags: ['site'] });
    registry.create({ id: 'd', tags: { site: 'north' } });
    const journal = await openJournal(await scratchDirectory());
    const quarantine = new MemoryQuarantine();
    const pump = makePump({ sink: hasty(sink), journal, quarantine });
    await pump.open();
    onTestFinished(() => pump.close(SETTLE_MS));
    let writes = 0;
    proxy.fault = ({ path }) => {
      if (!path.startsWith('/write') || ++writes > 1) return undefined;
      registry.update('d', { profile: 'other', tags: { site: 'south' } });
      return 'reset-in-answer';
    };
    const { last } = await append(journal, series('d', 0, 10));
    await expect.poll(() => pump.status().lag, { timeout: SETTLE_MS }).toBe(0);
    expect(writes).toBe(2);
    await append(journal, series('d', last, 10));
    await expect.poll(() => pump.status().lag, { timeout: SETTLE_MS }).toBe(0);
    expect([await numberOf('COUNT(n)'), await numberOf('COUNT(n)', 'other')]).toEqual([10, 10]);
    expect(await influxd.query('SHOW SERIES', database)).toMatchObject([
      { values: [['default,device=d,site=north'], ['other,device=d,site=south']] },
    ]);
  });

  test('a line that breaks the server again and again is found; a server that is broken costs none', async () => {
    const { proxy, sink } = await behindProxy();
    const journal = await openJournal(await scratchDirectory());
    const quarantine = new MemoryQuarantine();
    const pump = makePump({ sink: hasty(sink), journal, quarantine });
    await pump.open();
    onTestFinished(() => pump.close(SETTLE_MS));
    const broken = { status: 500, body: '{"error":"engine: broken"}' };

    let failures = 0;
    const mended = new Promise<void>((resolve) => {
      proxy.fault = ({ path }) => {
        if (!path.startsWith('/write')) return undefined;
        if (++failures === 40) resolve();
        return failures <= 40 ? broken : undefined;
      };
    });
    const { last } = await append(journal, series('d', 0, 2_000));
    await mended;
    await expect.poll(() => pump.status().lag, { timeout: SETTLE_MS }).toBe(0);
    expect([quarantine.kept, await numberOf('COUNT(n)')]).toEqual([[], last]);

    proxy.fault = ({ path, body }) =>
      path.startsWith('/write') && body.includes('n=2777 ') ? broken : undefined;
    await append(journal, series('d', last, 2_000));
    await expect.poll(() => pump.status().lag, { timeout: SETTLE_MS }).toBe(0);
    expect(quarantine.kept).toMatchObject([
      { value: { n: 2777 }, message: 'InfluxDB answered 500: engine: broken' },
    ]);
    expect(await numberOf('COUNT(n)')).toBe(3_999);
  });

  test('an aborted write ends at once', async () => {
    const { proxy, sink } = await behindProxy();
    const stop = new AbortController();
    proxy.fault = ({ path }) => {
      if (!path.startsWith('/write')) return undefined;
      stop.abort(new Error('the hub stops'));
      return 'hang';
    };
    const journal = await openJournal(await scratchDirectory());
    const entry = await append(journal, series('d', 0, 10));
    await expect(sink.write([entry], stop.signal)).rejects.toThrow('the hub stops');
  });
});
