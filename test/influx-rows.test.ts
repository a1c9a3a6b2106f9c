import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValuePoint } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SinkStatus } from '../hub/src/sinks/sink.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { tempDir } from './kit/temp-dir.js';

/** ms since 1970: the time of the first reading of every test. */
const T = 1_767_225_600_000;
const DATABASE = 'fieldline';

/** As they stand in the files of profiles, which are YAML and so may be JSON. */
const PROFILES = {
  boiler: { level: { type: 'number' }, starts: { type: 'integer' } },
  tank: { level: { type: 'string' } },
  gauge: {},
  counter: { total: { type: 'integer' } },
  hostile: {},
};

const canRun = requireInfluxd();
const directory = tempDir('profiles');
let influxd: Influxd;
let hub: HubProcess;
const tokens = new Map<string, string>();

function writeProfile(profile: string, metrics: object): void {
  const document = { profile, title: profile, mode: 'learn', metrics };
  writeFileSync(join(directory.path, `${profile}.yaml`), JSON.stringify(document));
}

beforeAll(async () => {
  if (!canRun) return;
  for (const [profile, metrics] of Object.entries(PROFILES)) writeProfile(profile, metrics);
  influxd = await startInfluxd();
  hub = await startHub({
    env: {
      FIELDLINE_RATE_LIMIT: '0',
      FIELDLINE_PROFILES: directory.path,
      FIELDLINE_INFLUX_URL: influxd.url,
      FIELDLINE_INFLUX_TAGS: 'site,room',
      // What the hub writes of itself is not what this is about.
      FIELDLINE_INFLUX_REPORT_MS: '0',
    },
  });
});

afterAll(async () => {
  await hub?.dispose();
  await influxd?.dispose();
  directory.remove();
});

async function addDevice(id: string, rest: Readonly<Record<string, unknown>> = {}): Promise<void> {
  tokens.set(id, await hub.http.addDevice(id, rest));
}

/** Sends one reading a second, from {@link T} on, and waits until they are on disk. */
async function send(device: string, readings: readonly object[], t0 = T): Promise<object> {
  const rows = readings.map((values, index) => [t0 + index * 1_000, values]);
  const answer = await hub.http.request(`/api/v1/ingest/${device}`, {
    token: tokens.get(device) ?? null,
    body: { rows },
  });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Waits until InfluxDB has all that was sent. */
async function delivered(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { sinks } = await hub.http.get<{ sinks: Record<string, SinkStatus> }>('/readyz');
      expect(sinks.influx).toMatchObject({ state: 'running', lag: 0 });
    },
    { timeout: 20_000 },
  );
}

/** What InfluxDB itself answers, as objects without the nulls. */
async function rows(statement: string): Promise<Record<string, unknown>[]> {
  await delivered();
  const series = await influxd.query(statement, DATABASE);
  return series.flatMap(({ columns, values }) =>
    values.map((row) =>
      Object.fromEntries(
        columns.map((column, index) => [column, row[index]] as const).filter(([, value]) => value !== null),
      ),
    ),
  );
}

/** The fields of a measurement with their types in InfluxDB. */
async function fields(measurement: string): Promise<Record<string, unknown>> {
  const found = await rows(`SHOW FIELD KEYS FROM "${measurement}"`);
  return Object.fromEntries(found.map(({ fieldKey, fieldType }) => [fieldKey, fieldType]));
}

/** Microseconds since 1970 of the reading with this index. */
const at = (index: number) => (T + index * 1_000) * 1_000;

/** What the hub should read back when these values were sent. */
const points = (...values: readonly ValuePoint[1][]): ValuePoint[] =>
  values.map((value, index) => [T + index * 1_000, value]);

describe.skipIf(!canRun)('what stands in InfluxDB', () => {
  it('is a measurement per profile, with the types that each profile gives', async () => {
    await addDevice('boiler-1', { profile: 'boiler' });
    await addDevice('tank-1', { profile: 'tank' });
    await addDevice('plain-1');
    await send('boiler-1', [{ level: 3, starts: 7 }, { level: 3.5 }]);
    await send('tank-1', [{ level: 'low' }]);
    await send('plain-1', [{ level: true }]);
    expect(await fields('boiler')).toEqual({ level: 'float', starts: 'integer' });
    expect(await fields('tank')).toEqual({ level: 'string' });
    expect(await fields('default')).toEqual({ level: 'boolean' });
    expect(await rows('SELECT * FROM boiler')).toEqual([
      { time: at(0), device: 'boiler-1', level: 3, starts: 7 },
      { time: at(1), device: 'boiler-1', level: 3.5 },
    ]);
    expect(await rows('SELECT * FROM tank')).toEqual([{ time: at(0), device: 'tank-1', level: 'low' }]);
    expect(await rows('SELECT * FROM "default"')).toEqual([{ time: at(0), device: 'plain-1', level: true }]);
    expect(await hub.http.history('boiler-1', 'level')).toEqual(points(3, 3.5));
    expect(await hub.http.history('tank-1', 'level')).toEqual(points('low'));
    expect(await hub.http.history('plain-1', 'level')).toEqual(points(true));
  });

  it('has a suffixed field where devices of a profile differ in a type, and is read back as one', async () => {
    for (const id of ['gauge-1', 'gauge-2', 'gauge-3', 'gauge-4']) await addDevice(id, { profile: 'gauge' });
    await send('gauge-1', [{ state: 20 }, { state: 20.1 }]);
    await send('gauge-2', [{ state: 'open' }, { state: 'shut' }]);
    await send('gauge-3', [{ state: true }, { state: false }]);
    expect(await fields('gauge')).toEqual({
      state: 'float',
      state_string: 'string',
      state_boolean: 'boolean',
    });
    expect(await rows('SELECT * FROM gauge GROUP BY device')).toEqual([
      { time: at(0), state: 20 },
      { time: at(1), state: 20.1 },
      { time: at(0), state_string: 'open' },
      { time: at(1), state_string: 'shut' },
      { time: at(0), state_boolean: true },
      { time: at(1), state_boolean: false },
    ]);
    expect(await hub.http.history('gauge-1', 'state')).toEqual(points(20, 20.1));
    expect(await hub.http.history('gauge-2', 'state')).toEqual(points('open', 'shut'));
    expect(await hub.http.history('gauge-3', 'state')).toEqual(points(true, false));

    // A metric of its own that is called like the field of another one.
    await send('gauge-4', [{ state_string: 7 }, { state_string: 8.5 }]);
    expect(await hub.http.history('gauge-4', 'state_string')).toEqual(points(7, 8.5));
    expect(await hub.http.history('gauge-2', 'state')).toEqual(points('open', 'shut'));
    expect(await rows('SELECT state, state_string FROM gauge')).toHaveLength(4);
  });

  it('takes fractions after integers, and a metric whose profile stops to say integer', async () => {
    await addDevice('mixed-1');
    await send('mixed-1', [{ v: 20 }, { v: 20.1 }, { v: -1e-9 }, { v: 1e300 }]);
    expect(await rows('SELECT v FROM "default" WHERE device = \'mixed-1\'')).toEqual(
      [20, 20.1, -1e-9, 1e300].map((v, index) => ({ time: at(index), v })),
    );

    await addDevice('counter-1', { profile: 'counter' });
    await send('counter-1', [{ total: 1 }, { total: 9_007_199_254_740_991 }]);
    expect(await send('counter-1', [{ total: 2.5 }], T + 10_000)).toMatchObject({
      rejected: [{ metric: 'total', code: 'type_conflict' }],
    });
    expect(await fields('counter')).toEqual({ total: 'integer' });
    await delivered();
    writeProfile('counter', { total: { type: 'number' } });
    await hub.restart();
    await send('counter-1', [{ total: 2.5 }], T + 2_000);
    expect(await fields('counter')).toEqual({ total: 'integer', total_number: 'float' });
    expect(await hub.http.history('counter-1', 'total')).toEqual(points(1, 9_007_199_254_740_991, 2.5));
  });

  it('is not fooled by names, tags and texts', async () => {
    const injection = 'x\nadmin f=1';
    const awkward = 'a,b=c d"e\'f\\g';
    const long = 'ü'.repeat(64);
    const tags: Record<string, string>[] = [
      { site: injection, room: awkward },
      { site: 'ends in \\', room: '🌡️ Süd' },
      { site: long, room: '', secret: 'not on the list' },
      { site: 'tab\there', room: '$x `y` {z}' },
    ];
    for (const [index, tag] of tags.entries()) {
      await addDevice(`hostile-${index}`, { profile: 'hostile', name: injection, tags: tag });
    }
    for (const body of [
      { id: 'no-1', name: `${long}x` },
      { id: 'no-2', tags: { site: `${long}x` } },
      { id: 'no-3', tags: { 'a b': 'x' } },
    ]) {
      expect((await hub.http.request('/api/v1/devices', { body })).status).toBe(422);
    }

    const texts = [
      injection,
      'x\\nadmin f=1',
      '" 1767225600000000\nadmin f=1',
      'ends in \\',
      '\\"',
      awkward,
      '🌡️ Süd',
      'ü'.repeat(128),
      'carriage\rreturn\ttab',
      '=1+1',
      '',
      ' ',
    ];
    for (const index of tags.keys())
      await send(
        `hostile-${index}`,
        texts.map((text) => ({ text })),
      );
    const tooLong = await send('hostile-0', [{ text: `${'ü'.repeat(128)}x` }], T + 60_000);
    expect(tooLong).toMatchObject({ rejected: [{ metric: 'text', code: 'bad_value' }] });
    expect(await hub.http.quarantine('hostile-0')).toMatchObject([{ metric: 'text', code: 'bad_value' }]);

    expect(await rows('SHOW MEASUREMENTS')).toEqual(
      ['boiler', 'counter', 'default', 'gauge', 'hostile', 'tank'].map((name) => ({ name })),
    );
    expect(await rows('SHOW SERIES FROM hostile')).toHaveLength(tags.length);
    expect(await fields('hostile')).toEqual({ text: 'string' });
    expect(await rows('SHOW TAG KEYS FROM hostile')).toEqual(
      ['device', 'room', 'site'].map((tagKey) => ({ tagKey })),
    );
    const written = await influxd.query('SELECT text FROM hostile GROUP BY device, room, site', DATABASE);
    expect(
      written
        .map((series) => series.tags)
        .toSorted((a, b) => (a?.device ?? '').localeCompare(b?.device ?? '')),
    ).toEqual([
      { device: 'hostile-0', site: '', room: awkward },
      { device: 'hostile-1', site: '', room: '🌡️ Süd' },
      { device: 'hostile-2', site: long, room: '' },
      { device: 'hostile-3', site: 'tab\there', room: '$x `y` {z}' },
    ]);
    for (const { values } of written) {
      expect(values).toEqual(texts.map((text, index) => [at(index), text]));
    }
    for (const index of tags.keys()) {
      expect(await hub.http.history(`hostile-${index}`, 'text')).toEqual(points(...texts));
    }
  });

  it('comes back in exports as it was sent, to the microsecond', async () => {
    await addDevice('export-1');
    const token = tokens.get('export-1') ?? null;
    const label = 'a "quoted", long\nline';
    // Equal times advance by a microsecond, so that none replaces another.
    const sent = [
      [T, { n: 1, open: true }],
      [T, { n: 2.5 }],
      [T, { n: 3, label }],
      [T + 1_000, { label: '=1+1' }],
    ];
    await hub.http.request('/api/v1/ingest/export-1', { token, body: { boot: 'b1', seq: 1, rows: sent } });
    await delivered();
    const query = `device=export-1&from=${T}&to=${T + 10_000}`;
    const ndjson = await hub.http.request(`/api/v1/telemetry/export?${query}&format=ndjson`);
    const lines = ndjson.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { timeUs: number; device: string; metric: string; value: unknown });
    expect(lines.map(({ timeUs }) => timeUs)).toEqual(lines.map(({ timeUs }) => timeUs).toSorted());
    const found = lines.map(({ timeUs, device, metric, value }) => [timeUs - at(0), device, metric, value]);
    expect(found.toSorted()).toEqual(
      [
        [0, 'export-1', 'n', 1],
        [0, 'export-1', 'open', true],
        [1, 'export-1', 'n', 2.5],
        [2, 'export-1', 'n', 3],
        [2, 'export-1', 'label', label],
        [1_000_000, 'export-1', 'label', '=1+1'],
      ].toSorted(),
    );
    const csv = await hub.http.request(`/api/v1/telemetry/export?${query}&format=csv`);
    const body = csv.text.slice(csv.text.indexOf('\n') + 1).replace(`"a ""quoted"", long\nline"`, 'LABEL');
    expect(body.trimEnd().split(/\r?\n/).toSorted()).toEqual(
      [
        '2026-01-01T00:00:00.000000Z,export-1,n,1',
        '2026-01-01T00:00:00.000000Z,export-1,open,true',
        '2026-01-01T00:00:00.000001Z,export-1,n,2.5',
        '2026-01-01T00:00:00.000002Z,export-1,n,3',
        '2026-01-01T00:00:00.000002Z,export-1,label,LABEL',
        "2026-01-01T00:00:01.000000Z,export-1,label,'=1+1",
      ].toSorted(),
    );
  });

  it('lacks only the one value in 5,000 that InfluxDB refuses; that is in the quarantine, with its reason', async () => {
    await addDevice('poison-1');
    // Somebody else's data, in the hub's own database: the hub cannot know of it.
    await influxd.write(DATABASE, `default,device=stranger poison="text" ${at(0)}`);
    for (let start = 0; start < 5_000; start += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, index) =>
        start + index === 2_345 ? { poison: 1.5 } : { n: start + index },
      );
      await send('poison-1', batch, T + start * 1_000);
    }
    expect(await rows(`SELECT count(n) FROM "default" WHERE device = 'poison-1'`)).toMatchObject([
      { count: 4_999 },
    ]);
    expect(await rows(`SELECT poison FROM "default" WHERE device = 'poison-1'`)).toEqual([]);
    const refused = await hub.http.quarantine('poison-1');
    expect(refused).toMatchObject([
      { source: 'influx', message: expect.stringMatching(/field type conflict/) },
    ]);
    expect(JSON.stringify(refused[0]?.value)).toContain('1.5');
  });
});
