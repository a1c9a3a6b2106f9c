import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadProfiles, type Profile } from '@fieldline/protocol';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { substituted, type TimeRange } from './kit/grafana.js';
import {
  type Asking,
  askBoard,
  type Board,
  columnsOf,
  type PanelAnswer,
  tracesOf,
  variableValues,
} from './kit/grafana-board.js';
import { PlantDevice } from './kit/grafana-plant.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { boardSvg } from './kit/preview/board.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const isThere = requireInfluxd();
const MINUTE = 60_000;
/** How far back the devices' past goes. */
const PAST_MS = 30 * MINUTE;
/** The hub reports so often here; the boards expect ten times as long. */
const REPORT_MS = 1_000;

/** What the repository's profiles have none of: positions, a retention of its own, a metric that changes its type. */
const TRUCK = `profile: truck
title: Truck
interval: 10s
retention: 30d
metrics:
  latitude: { type: number, unit: deg, title: Latitude, min: -90, max: 90 }
  longitude: { type: number, unit: deg, title: Longitude, min: -180, max: 180 }
  cargo.temp: { type: number, unit: Cel, title: Cargo, warn: { above: 5, hysteresis: 1 }, alarm: { above: 8, for: 5m } }
  load: { type: number, unit: kg, title: Load }
  gate: { type: boolean, title: Gate, alarm: { equals: true } }
  driver: { type: string, title: Driver, warn: { equals: "nobody's" } }
`;

/** What was pushed to Grafana Live. */
const pushed: string[] = [];
const grafana = createServer((request, response) => {
  text(request).then(
    (body) => {
      pushed.push(`${request.method} ${request.url} ${request.headers.authorization}\n${body}`);
      response.end();
    },
    () => response.destroy(),
  );
});
let influxd: Influxd;
let hub: HubProcess;
let directory: ReturnType<typeof tempDir>;
let out: string;
let range: TimeRange;
const devices: PlantDevice[] = [];

const truck = (n: number) => (timeMs: number) => ({
  ...{
    latitude: 52.5 + Math.sin(timeMs / 1e6) / 10,
    longitude: 13.4 + n / 50,
    'cargo.temp': 4 + Math.cos(timeMs / 1e6),
  },
  ...{ load: 1_200, gate: false, driver: 'ann' },
});

/** What the last minute shows, where a rule looks for it. */
const LATE: Readonly<Record<string, Record<string, string | boolean>>> = {
  'cold-room': { door: true, mode: 'fault' },
  truck: { gate: true, driver: "nobody's" },
};

function plant(profiles: ReadonlyMap<string, Profile>): PlantDevice[] {
  const described = [...profiles.values()].flatMap((profile) =>
    [1, 2].map((n) => {
      const values = LATE[profile.name];
      return new PlantDevice({
        ...{ id: `${profile.name}-${n}`, profile, isQuiet: profile.name === 'env-sensor' && n === 2 },
        ...(profile.name === 'truck' ? { measure: truck(n) } : {}),
        ...(values === undefined ? {} : { late: { ms: 2 * MINUTE, values } }),
      });
    }),
  );
  const measure = (timeMs: number) => ({ level: 3 + Math.sin(timeMs / 1e5), state: 'ok', on: true });
  return [...described, new PlantDevice({ id: 'bare-1', profile: null, measure })];
}

function deviceOf(id: string): PlantDevice {
  const found = devices.find((device) => device.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

async function command(device: string, body: object): Promise<string> {
  const answer = await hub.http.request(`/api/v1/devices/${device}/commands`, { body });
  expect(answer.status).toBeLessThan(300);
  return answer.json<{ id: string }>().id;
}

/** A command of each outcome, one that its readings confirm, and one that they contradict. */
async function commands(): Promise<void> {
  await command('power-meter-1', { name: 'relay.set', params: { on: true } });
  await command('env-sensor-1', { name: 'relay.set', params: { on: true } });
  await deviceOf('env-sensor-1').say({ relay: false });
  await command('env-sensor-2', { name: 'relay.set', params: { on: true } });
  for (const answer of ['failed', 'rejected']) await command('bare-1', { name: 'do', params: { answer } });
  await command('absent', { name: 'do', queue: true, ttl: 1_000 });
  const cancelled = await command('absent', { name: 'do', queue: true });
  await hub.http.request(`/api/v1/commands/${cancelled}`, { method: 'DELETE' });
}

/** Writes the provisioning as a person would. */
async function cli(...args: string[]): Promise<string> {
  const env = [`FIELDLINE_URL=${hub.url}`, `FIELDLINE_API_TOKEN=${ADMIN_TOKEN}`];
  const profiles = `FIELDLINE_PROFILES=${join(directory.path, 'profiles')}`;
  return run('env', [
    ...env,
    profiles,
    process.execPath,
    `${ROOT}hub/bin/fieldline.cjs`,
    'dashboards',
    ...args,
  ]);
}

const influx = (statement: string) => influxd.query(statement, 'fieldline');

/** Waits for what has to come. */
const waited = (assertion: () => Promise<void>) => vi.waitFor(assertion, { timeout: 30_000, interval: 100 });

/** Waits until InfluxDB answers a statement with at least so many rows. */
async function until(statement: string, count: number): Promise<void> {
  await waited(async () => {
    const rows = (await influx(statement)).flatMap(({ values }) => values);
    expect(rows.length, statement).toBeGreaterThanOrEqual(count);
  });
}

describe.runIf(isThere)("Grafana's boards and alerts", () => {
  beforeAll(async () => {
    directory = tempDir('grafana');
    out = join(directory.path, 'out');
    const profilesPath = join(directory.path, 'profiles');
    mkdirSync(profilesPath);
    cpSync(`${ROOT}profiles`, profilesPath, { recursive: true });
    writeFileSync(join(profilesPath, 'truck.yaml'), TRUCK);
    influxd = await startInfluxd();
    grafana.listen(0, '127.0.0.1');
    await once(grafana, 'listening');
    hub = await startHub({
      env: {
        FIELDLINE_INFLUX_URL: influxd.url,
        FIELDLINE_INFLUX_REPORT_MS: String(REPORT_MS),
        FIELDLINE_PROFILES: profilesPath,
        FIELDLINE_RATE_LIMIT: '0',
        FIELDLINE_GRAFANA_LIVE_URL: `http://127.0.0.1:${(grafana.address() as AddressInfo).port}`,
        FIELDLINE_GRAFANA_LIVE_TOKEN: 'glsa_test',
      },
    });
    const from = Date.now() - PAST_MS;
    devices.push(...plant(await loadProfiles(profilesPath)));
    await hub.http.addDevice('absent');
    for (const device of devices) await device.connect(hub);
    await Promise.all(devices.map((device) => device.tell(from)));
    const changed = deviceOf('truck-1');
    await hub.http.request('/api/v1/profiles/truck/metrics/load', {
      method: 'PATCH',
      body: { type: 'string' },
    });
    await changed.say({ load: 'half' });
    // Values are refused and the sink fails, each before and after a report, so that there is a rise to see.
    await changed.say({ gate: 'ajar' });
    await commands();
    await until('SELECT "count" FROM "fieldline_reject"', 1);
    await influxd.kill9();
    await changed.say({ gate: 'ajar' });
    await changed.leave();
    await changed.connect(hub);
    await waited(async () => {
      expect((await hub.http.request('/readyz')).text).toContain('"influx":{"state":"retrying"');
    });
    await influxd.start();
    await until('SELECT DISTINCT("state") FROM "fieldline_command"', 6);
    await until('SELECT DISTINCT("verification") FROM "fieldline_command"', 3);
    for (const kind of ['reject', 'sink_error', 'sink', 'hub'])
      await until(`SELECT * FROM "fieldline_${kind}"`, 5);
    await until('SELECT * FROM "fieldline_event" WHERE "kind" = \'reboot\'', 1);
    await cli('--out', out, '--retyped');
    range = { from, to: Date.now() };
  });
  afterAll(async () => {
    await hub?.dispose();
    await influxd?.dispose();
    grafana.close();
    directory?.remove();
  });

  const boards = (): Board[] =>
    readdirSync(join(out, 'dashboards')).map((name) =>
      JSON.parse(readFileSync(join(out, 'dashboards', name), 'utf8')),
    );
  const board = (uid: string) => boards().find((one) => one.uid === uid) as Board;
  const asking = ({ uid }: Board): Asking => {
    const kind = /^fieldline-device-(.*)/.exec(uid)?.[1];
    const device = kind === 'default' ? 'bare-1' : `${kind}-1`;
    const variables: Record<string, string> = kind === undefined ? {} : { profile: kind, device };
    return { ask: influx, range, variables, points: 1_800, hubSpeed: 10_000 / REPORT_MS };
  };

  test('every query of every panel brings what the panel shows', async () => {
    expect(boards()).toHaveLength(11);
    const faults: string[] = [];
    let queries = 0;
    for (const one of boards()) {
      const answers = await askBoard(one, asking(one));
      queries += answers.flatMap((panel) => panel.answers).length;
      faults.push(...answers.flatMap(faultsOf).map((fault) => `${one.uid}: ${fault}`));
    }
    expect(faults).toEqual([]);
    expect(queries).toBeGreaterThan(100);
  });

  // Pictures for the documents: FIELDLINE_PREVIEWS=1 npx vitest run --project system test/grafana-queries.test.ts
  test.runIf(process.env.FIELDLINE_PREVIEWS === '1')('the boards are drawn', async () => {
    // What the hub writes of itself begins with the hub: a while of it, with everybody at work but one.
    const from = Date.now();
    const present = devices.filter(({ id }) => id !== 'soil-probe-2');
    await deviceOf('soil-probe-2').leave();
    for (const end = from + MINUTE; Date.now() < end; await sleep(200))
      await Promise.all(present.map((device) => device.sayIfDue()));
    const to = Date.now();
    for (const [name, since] of [
      ['fleet', from],
      ['device-cold-room', range.from],
      ['freshness', range.from],
      ['ingest', from],
      ['commands', from - MINUTE],
    ] as const) {
      const one = board(`fieldline-${name}`);
      const shown = { from: since, to };
      const svg = boardSvg(one, await askBoard(one, { ...asking(one), range: shown, points: 240 }), shown);
      writeFileSync(`${ROOT}docs/images/grafana-${name.replace(/-.*/, '')}.svg`, svg);
    }
  });

  test('variables offer the devices that are there', async () => {
    for (const one of boards().filter(({ uid }) => uid.startsWith('fieldline-device-'))) {
      const all = asking(one);
      const [profile, device] = one.templating.list;
      expect(device?.name).toBe('device');
      if (device) expect(await variableValues(device, all)).toContain(all.variables.device);
      if (profile?.type !== 'query') continue;
      // What has a board of its own, and what the hub writes of itself, is not among them.
      expect(await variableValues(profile, all)).toEqual(['default']);
    }
  });

  test('annotations are the events of the device', async () => {
    const one = board('fieldline-device-truck');
    const [{ target } = { target: undefined }] = one.annotations.list.filter(({ name }) =>
      name.startsWith('Events'),
    );
    const [series] = await influx(substituted(target?.query ?? '', { ...asking(one), intervalMs: 1_000 }));
    expect(series?.columns).toEqual(['time', 'title', 'text', 'kind']);
    const kinds = series?.values.map((row) => row[3]);
    expect(kinds).toEqual(expect.arrayContaining(['online', 'offline', 'reboot', 'alarm']));
  });

  test('every alert rule compares a number of each device', async () => {
    const file = readFileSync(join(out, 'provisioning/alerting/fieldline-rules.yaml'), 'utf8');
    const { groups } = load(file) as { groups: { rules: Rule[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(30);
    const faults: string[] = [];
    for (const { title, data } of rules) {
      const [{ relativeTimeRange, model }] = data;
      const window = { from: range.to - relativeTimeRange.from * 1_000, to: range.to };
      const asked = substituted(model.query, { range: window, intervalMs: 1_000, variables: {} });
      const series = await influx(asked);
      const last = series.flatMap(({ values }) => values.flatMap((row) => row.slice(1)));
      if (!last.some((value) => typeof value === 'number'))
        faults.push(`${title}: ${JSON.stringify(series)} ${asked}`);
      if (model.query.includes('GROUP BY "device"') && series.some(({ tags }) => tags?.device === undefined))
        faults.push(`${title}: it does not tell devices apart`);
    }
    expect(faults).toEqual([]);
    // All of the last readings of these had the value.
    const share =
      rules.find(({ title }) => title === "truck: driver nobody's (warn)")?.data[0].model.query ?? '';
    const window = { from: range.to - MINUTE, to: range.to };
    const answer = await influx(substituted(share, { range: window, intervalMs: 1_000, variables: {} }));
    expect(answer.map(({ values }) => values[0]?.[1])).toEqual([1, 1]);
  });

  test('Grafana Live gets the latest values of each device, on a channel of its own', async () => {
    const [, ...lines] = (pushed.findLast((push) => push.includes('\npump-1 ')) ?? '').trim().split('\n');
    expect(pushed[0]).toMatch(/^POST \/api\/live\/push\/fieldline Bearer glsa_test\n/);
    const fields = lines
      .find((line) => line.startsWith('pump-1 '))
      ?.split(' ')[1]
      ?.split(',');
    expect(fields?.map((field) => field.split('=')[0])).toEqual([
      ...['current', 'flow', 'pressure', 'running', 'speed', 'temperature', 'vibration'],
    ]);
  });

  test('a metric that was given another type is shown as what it is now, with what it was', async () => {
    const one = board('fieldline-device-truck');
    const answers = await askBoard(one, asking(one));
    const found = answers.find(({ panel }) => panel.title === 'Load');
    expect(found?.panel.type).toBe('state-timeline');
    const values = found?.answers.flatMap(tracesOf).flatMap(({ points }) => points.map(([, value]) => value));
    expect(values).toEqual(expect.arrayContaining([1_200, 'half']));
  });

  test('the command line says what differs, and the edit of a profile changes its panels only', async () => {
    const path = join(directory.path, 'profiles/pump.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('title: Flow', 'title: Volume flow'));
    await expect(cli('--out', out, '--retyped', '--check')).rejects.toMatchObject({
      code: 1,
      stdout:
        'differs   dashboards/fieldline-device-pump.json\ndiffers   provisioning/alerting/fieldline-rules.yaml\n',
    });
    await cli('--out', out, '--retyped');
    await cli('--out', out, '--retyped', '--check');
    const titles = board('fieldline-device-pump').panels.map(({ title }) => title);
    expect(titles).toContain('Volume flow');
  });
});

interface Rule {
  readonly title: string;
  readonly data: readonly [
    { readonly relativeTimeRange: { from: number }; readonly model: { readonly query: string } },
  ];
}

/** What is missing in the answers for what the panel shows. */
function faultsOf({ panel, answers }: PanelAnswer): string[] {
  const faults = answers.flatMap((answer) => {
    const { target, series } = answer;
    const values = series.flatMap((one) =>
      one.values.flatMap((row) => row.slice(target.resultFormat === 'table' ? 0 : 1)),
    );
    if (values.some((value) => value !== null)) return [];
    return `${panel.title}: nothing from ${target.query}`;
  });
  if (faults.length > 0) return faults;
  const isTable = answers.some(({ target }) => target.resultFormat === 'table');
  const names = isTable ? columnsOf(answers) : new Set(answers.flatMap(tracesOf).map(({ name }) => name));
  for (const { matcher } of panel.fieldConfig?.overrides ?? []) {
    const { id, options } = matcher;
    const isShown =
      id === 'byName'
        ? names.has(options)
        : [...names].some((name) => new RegExp(options.replace(/^\/|\/$/g, '')).test(name));
    if (!isShown) faults.push(`${panel.title}: there is no ${options} among ${[...names].join(', ')}`);
  }
  return faults;
}
