import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { reading } from '../hub/src/sinks/sinks.fixture.js';
import type { Reading } from '../journal/src/index.js';
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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 18);
const NOW = START + 2 * DAY;

let databases = 0;
const nextDatabase = () => `made "${++databases}`;

async function open(options: Partial<PartsOptions> = {}) {
  const database = options.database ?? nextDatabase();
  const parts = influxParts({ url: influxd.url, database, wishes: ROLLUPS, now: () => NOW, ...options });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await parts.close();
    isOpen = false;
  };
  onTestFinished(close);
  await parts.sink.open();
  const sums = async () => {
    const range = { from: START, to: START + 2 * DAY, points: 48, limit: 100 };
    return (await parts.history.query({ device: 'd', metric: 'm', ...range, aggregate: 'sum' })).points;
  };
  return { ...parts, close, database, sums };
}

const at = (device: string, ms: number, m: Reading['values'][string]) =>
  reading(device, (START + ms) * 1000, { m });
const queries = async (database: string) =>
  (await continuousQueries(influxd, database)).map(({ name }) => name);

describe.runIf(isThere)('what the hub makes in InfluxDB', () => {
  test('is made once, changed when it differs, and removed when it is not wanted', async () => {
    const directory = tempDir('rollups');
    onTestFinished(() => directory.remove());
    const database = nextDatabase();
    const start = async (wishes: PartsOptions['wishes']) => {
      const parts = await open({ directory: directory.path, database, ...(wishes && { wishes }) });
      await parts.write([at('d', 0, 1)]);
      await parts.admin.tidy();
      await parts.close();
    };
    await start(ROLLUPS);
    const made = await queries(database);
    expect(made).toHaveLength(2);
    expect(await policies(influxd, database)).toEqual({ autogen: '0s', rollup_1m: '0s', rollup_1h: '0s' });
    await influxd.query(
      `CREATE CONTINUOUS QUERY theirs ON ${quoted(database)} BEGIN SELECT max(m) INTO ${quoted(database)}.autogen.x FROM "default" GROUP BY time(1h) END`,
    );
    await start(ROLLUPS);
    expect(await queries(database)).toEqual([...made, 'theirs']);

    await start({
      rawMs: null,
      rawMsOf: new Map([['default', 10 * 365 * DAY]]),
      rollups: { '1m': 400 * DAY, '1h': Number.POSITIVE_INFINITY },
    });
    expect(await policies(influxd, database)).toEqual({
      autogen: '0s',
      rollup_1m: '9600h0m0s',
      rollup_1h: '0s',
      raw_default: '87600h0m0s',
    });
    const changed = await queries(database);
    expect(changed).toHaveLength(3);
    // Hours are made of minutes, wherever those come from.
    expect(changed.filter((name) => made.includes(name))).toEqual([
      made.find((name) => name.includes(' 1h ')),
    ]);

    await start(NO_WISHES);
    expect(await queries(database)).toEqual(['theirs']);
    expect(Object.keys(await policies(influxd, database))).toHaveLength(4);
  });

  test('never shortens a policy that somebody else made', async () => {
    const theirs = nextDatabase();
    await influxd.query(`CREATE DATABASE ${quoted(theirs)}`);
    const wishes = { ...NO_WISHES, rawMs: 7 * DAY };
    const parts = await open({ database: theirs, wishes });
    expect(await policies(influxd, theirs)).toEqual({ autogen: '0s' });
    expect(parts.told.join('\n')).toContain('ALTER RETENTION POLICY');

    const ours = nextDatabase();
    await open({ database: ours, wishes });
    expect(await policies(influxd, ours)).toEqual({ autogen: '168h0m0s' });
  });

  test('is made again after the database was deleted', async () => {
    const { admin, sums, write, database } = await open();
    await write([at('d', 0, 1)]);
    await admin.tidy();
    expect(await sums()).toEqual([[START, 1]]);
    await influxd.query(`DROP DATABASE ${quoted(database)}`);
    expect(await sums()).toEqual([]);
    await write([at('d', HOUR, 2)]);
    expect(await sums()).toEqual([[START + HOUR, 2]]);
    await admin.tidy();
    expect(await sums()).toEqual([[START + HOUR, 2]]);
    expect(await queries(database)).toHaveLength(2);
  });

  test('needs rights, and says so', async () => {
    const own = await startInfluxd({
      env: { INFLUXDB_HTTP_AUTH_ENABLED: 'true' },
      credentials: { username: 'root', password: 'secret' },
    });
    onTestFinished(() => own.dispose());
    await own.query("CREATE USER root WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
    await own.query("CREATE USER hub WITH PASSWORD 'hub'");
    const basic = (who: string) => ({ Authorization: `Basic ${Buffer.from(who).toString('base64')}` });
    const connect = (who: string | null, wishes = ROLLUPS) => {
      const parts = influxParts({ url: own.url, wishes, ...(who === null ? {} : { headers: basic(who) }) });
      onTestFinished(() => parts.close());
      return parts;
    };
    for (const who of [null, 'hub:wrong', 'hub:hub']) {
      await expect(connect(who).admin.open()).rejects.toMatchObject({
        name: 'SinkError',
        kind: 'credentials',
      });
    }
    await own.query('CREATE DATABASE fieldline');
    await own.query('GRANT ALL ON fieldline TO hub');
    const policyOfItsOwn = { ...NO_WISHES, rawMsOf: new Map([['pump', 86_400_000]]) };
    await expect(connect('hub:hub', policyOfItsOwn).admin.open()).rejects.toThrow(/influx.retentionDays/);
    // Rollups are no reason to hold readings: it goes without.
    const modest = connect('hub:hub');
    await expect(modest.admin.open()).resolves.toMatchObject({ kind: 'influxdb-1' });
    await modest.write([at('d', 0, 1)]);
    const question = { device: 'd', metric: 'm', from: START, to: START + 1, points: 1, limit: 10 };
    expect((await modest.history.query({ ...question, aggregate: 'last' })).points).toEqual([[START, 1]]);
    expect(modest.admin.rollupSince('1m')).toBe(Number.POSITIVE_INFINITY);
    await expect(connect('root:secret').admin.open()).resolves.toMatchObject({ kind: 'influxdb-1' });
  });
});
