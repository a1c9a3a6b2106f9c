import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadProfiles, type Profile, type Value } from '@fieldline/protocol';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { substituted, type TimeRange } from './kit/grafana.js';
import {
  type Asking,
  askBoard,
  type Board,
  type PanelAnswer,
  tracesOf,
  variableValues,
} from './kit/grafana-board.js';
import { PlantDevice } from './kit/grafana-plant.js';
import { askedBy, beyond, lastOf, type Rule } from './kit/grafana-rule.js';
import { columnsOf, isMeant, linkIn, rowsOf } from './kit/grafana-table.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { boardSvg } from './kit/preview/board.js';
import { escaped } from './kit/preview/svg.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const isThere = requireInfluxd();
const MINUTE = 60_000;
/** How far back the devices' past goes. */
const PAST_MS = 30 * MINUTE;
/** How often the hub writes of itself here. */
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

/** Boards that the documents show; of the devices' boards the one of the cold rooms. */
const PICTURES = ['fleet', 'device', 'freshness', 'ingest', 'commands'];

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
let profiles: ReadonlyMap<string, Profile>;
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
const LATE: Readonly<Record<string, Record<string, Value>>> = {
  'cold-room': { door: true, mode: 'fault' },
  pump: { pressure: 6.5, flow: 2 },
  truck: { gate: true, driver: "nobody's", 'cargo.temp': 9 },
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
    `FIELDLINE_INFLUX_REPORT_MS=${REPORT_MS}`,
    process.execPath,
    `${ROOT}hub/bin/fieldline.cjs`,
    'dashboards',
    ...args,
  ]);
}

/** A minute with everybody at work but one, for what the hub writes of itself. Says when it began, in ms since 1970. */
async function aMinuteOfWork(): Promise<number> {
  const from = Date.now();
  const present = devices.filter(({ id }) => id !== 'soil-probe-2');
  await deviceOf('soil-probe-2').leave();
  for (const end = from + MINUTE; Date.now() < end; await sleep(200))
    await Promise.all(present.map((device) => device.sayIfDue()));
  return from;
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
    profiles = await loadProfiles(profilesPath);
    devices.push(...plant(profiles));
    await hub.http.addDevice('absent');
    await hub.http.addDevice('silent', { profile: 'pump' });
    for (const device of devices) await device.connect(hub);
    await Promise.all(devices.map((device) => device.tell(from)));
    const changed = deviceOf('truck-1');
    await hub.http.request('/api/v1/profiles/truck/metrics/load', {
      method: 'PATCH',
      body: { type: 'string' },
    });
    await changed.say({ load: 'half' });
    // Values are refused and the sink fails, each before and after a report, so that there is a rise to see.
    await changed.sayWrongly({ gate: 'ajar' });
    await commands();
    await until('SELECT "count" FROM "fieldline_reject"', 1);
    await influxd.kill9();
    await changed.sayWrongly({ gate: 'ajar' });
    await changed.leave();
    await changed.connect(hub);
    await waited(async () => {
      expect((await hub.http.request('/readyz')).text).toContain('"influx":{"state":"retrying"');
    });
    await influxd.start();
    for (const state of ['succeeded', 'failed', 'rejected', 'timed_out', 'expired', 'cancelled'])
      await until(`SELECT "id" FROM "fieldline_command" WHERE "state" = '${state}'`, 1);
    await until('SELECT DISTINCT("verification") FROM "fieldline_command"', 3);
    for (const kind of ['reject', 'sink_error', 'sink', 'hub'])
      await until(`SELECT * FROM "fieldline_${kind}"`, 5);
    await until('SELECT * FROM "fieldline_event" WHERE "kind" = \'reboot\'', 1);
    await until(`SELECT * FROM "fieldline_hub" WHERE "devices_online" = ${devices.length}`, 1);
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
    return { ask: influx, range, variables, points: 1_800 };
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

  const panelOf = async (uid: string, title: string): Promise<PanelAnswer> => {
    const found = (await askBoard(board(uid), asking(board(uid)))).find(({ panel }) => panel.title === title);
    if (found === undefined) throw new Error(`${uid} has no panel ${title}`);
    return found;
  };
  /** The last value of each line of a panel. */
  const lastValues = async (uid: string, title: string): Promise<Record<string, unknown>> => {
    const traces = (await panelOf(uid, title)).answers.flatMap(tracesOf);
    return Object.fromEntries(
      traces.map(({ name, points }) => [name, points.findLast(([, value]) => value !== null)?.[1]]),
    );
  };

  test('the fleet board counts and lists the devices as they are', async () => {
    expect(await lastValues('fieldline-fleet', 'Online')).toEqual({ Online: devices.length });
    expect(await lastValues('fieldline-fleet', 'Offline')).toEqual({ Offline: 2 });
    const rows = rowsOf(await panelOf('fieldline-fleet', 'Devices'));
    const away = rows.filter(({ state }) => state === 'offline').map(({ device }) => device);
    expect(away).toEqual(['absent', 'silent']);
    // Those that send every second are stale while the others are made ready.
    const here = rows.filter(({ state }) => state === 'online' || state === 'stale');
    expect(here.map(({ device }) => device)).toEqual(devices.map(({ id }) => id).sort());
    expect(rows.find(({ device }) => device === 'truck-1')).toMatchObject({ firmware: '1.4.2', reboots: 1 });
    const worst = rowsOf(await panelOf('fieldline-fleet', 'Worst ten'));
    expect(
      worst
        .slice(0, 2)
        .map(({ device }) => device)
        .sort(),
    ).toEqual(['absent', 'silent']);
    expect(worst[0]).toMatchObject({ availability: 0 });
  });

  test('of a hub that fell silent an hour ago nothing is said to be now', async () => {
    const one = board('fieldline-fleet');
    const later = { ...asking(one), range: { from: range.from, to: range.to + 60 * MINUTE } };
    const answers = await askBoard(one, later);
    const of = (title: string) => answers.find(({ panel }) => panel.title === title) as PanelAnswer;
    for (const title of ['Online', 'Offline', 'Alarms'])
      expect(of(title).answers.flatMap(tracesOf), title).toEqual([]);
    const rows = rowsOf(of('Devices'));
    expect(rows).toHaveLength(devices.length + 2);
    expect(rows.filter(({ state, age }) => (state ?? age ?? null) !== null)).toEqual([]);
    expect(rowsOf(of('Hub last heard'))).toHaveLength(1);
  });

  test('each row of the fleet board leads to the board that shows the device', async () => {
    const answer = await panelOf('fieldline-fleet', 'Devices');
    const links = rowsOf(answer).map((row) => [row.device, linkIn(answer, 'device', row)] as const);
    expect(links.map(([device, link]) => [device, link.split('?')[0]])).toEqual(
      [
        ...devices.map(({ id, profile }) => [id, profile ?? 'default']),
        ['absent', 'default'],
        ['silent', 'pump'],
      ]
        .map(([id, kind]) => [id, `/d/fieldline-device-${kind}`])
        .sort(),
    );
    expect(links[0]?.[1]).toBe(
      '/d/fieldline-device-default?var-profile=default&var-device=absent&from=1&to=2',
    );
  });

  test('the board of a device shows what it said last', async () => {
    const pump = deviceOf('pump-1').last;
    expect(await lastValues('fieldline-device-pump', 'Current values')).toMatchObject({
      ...{ 'Discharge pressure': 6.5, Flow: 2, 'Bearing temperature': pump.temperature },
    });
    expect(await lastValues('fieldline-device-pump', 'Discharge pressure')).toEqual({
      'Discharge pressure': 6.5,
    });
    const [newest] = rowsOf(await panelOf('fieldline-device-pump', 'Last 50 readings'));
    expect(newest).toMatchObject({ device: 'pump-1', pressure: 6.5, speed: pump.speed });
  });

  test('a device that sent nothing is the least complete one', async () => {
    const rows = rowsOf(await panelOf('fieldline-freshness', 'Expected and received in this range'));
    expect(rows[0]).toMatchObject({ device: 'silent', 'received (max)': 0, 'complete (max)': 0 });
    expect(rows[0]?.['expected (max)']).toBeCloseTo((range.to - range.from) / 1_000, 0);
    // Each device once, and what it has sent is not lost by what the hub writes of it.
    const described = devices.filter(({ profile }) => profile !== null).map(({ id }) => id);
    expect(rows.map(({ device }) => device).sort()).toEqual([...described, 'silent'].sort());
    for (const row of rows.slice(1)) expect(row['complete (max)']).toBeGreaterThan(90);
  });

  test('commands are counted by what came of them', async () => {
    expect(await lastValues('fieldline-commands', 'In this range')).toEqual({
      ...{ succeeded: 2, failed: 1, rejected: 1, timed_out: 1, expired: 1, cancelled: 1 },
    });
    expect(await lastValues('fieldline-commands', 'Contradicted')).toEqual({ Contradicted: 1 });
  });

  // FIELDLINE_PREVIEWS=1 makes the pictures of the documents anew; it takes a minute more.
  test('every board can be drawn', async () => {
    const isForDocuments = process.env.FIELDLINE_PREVIEWS === '1';
    const since = isForDocuments ? await aMinuteOfWork() : range.from;
    const to = isForDocuments ? Date.now() : range.to;
    // Before the hub began there is nothing that it wrote of itself.
    const begins: Record<string, number> = { fleet: since, ingest: since, commands: since - MINUTE };
    const alerts = (await Promise.all(rules().map((rule) => firing(rule, to)))).flat();
    for (const one of boards()) {
      const name = one.uid.replace('fieldline-', '').replace('device-cold-room', 'device');
      const window = { from: begins[name] ?? range.from, to };
      const all = { ...asking(one), range: window, points: 240 };
      const svg = boardSvg(one, await askBoard(one, all), {
        range: window,
        alerts,
        variables: all.variables,
      });
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      for (const { title } of one.panels) expect(svg).toContain(escaped(title));
      if (isForDocuments && PICTURES.includes(name))
        writeFileSync(`${ROOT}docs/images/grafana-${name}.svg`, svg);
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

  const rules = (): Rule[] => {
    const file = readFileSync(join(out, 'provisioning/alerting/fieldline-rules.yaml'), 'utf8');
    return (load(file) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
  };
  /** `<title>: <device>` of what a rule finds beyond its limit at a moment. */
  const firing = async (rule: Rule, at: number): Promise<string[]> => {
    const found = beyond(rule, await influx(askedBy(rule, at)));
    return found.map(({ tags = {} }) => [rule.title, ...Object.values(tags)].join(': '));
  };

  test('every alert rule compares a number of each device', async () => {
    expect(rules().length).toBeGreaterThan(30);
    const faults: string[] = [];
    for (const rule of rules()) {
      const asked = askedBy(rule, range.to);
      const series = await influx(asked);
      if (!series.some((one) => lastOf(one) !== null))
        faults.push(`${rule.title}: ${JSON.stringify(series)} ${asked}`);
      if (asked.includes('GROUP BY "device"') && series.some(({ tags }) => tags?.device === undefined))
        faults.push(`${rule.title}: it does not tell devices apart`);
      const panel = boards()
        .find(({ uid }) => uid === rule.dashboardUid)
        ?.panels.find(({ id }) => id === rule.panelId);
      if (rule.dashboardUid !== undefined && panel === undefined)
        faults.push(`${rule.title}: there is no panel of it`);
    }
    expect(faults).toEqual([]);
  });

  test('alert rules fire for the devices that are beyond their limits, and for no others', async () => {
    const fired = (await Promise.all(rules().map((rule) => firing(rule, range.to)))).flat().sort();
    const expected = devices.flatMap(({ id, profile, last }) =>
      [...(profiles.get(profile ?? '')?.metrics.values() ?? [])].flatMap((metric) =>
        (['warn', 'alarm'] as const).flatMap((severity) => {
          // It is a text by now, and has no limits any more.
          if (profile === 'truck' && metric.name === 'load') return [];
          const { above = null, below = null, equals = null } = metric[severity] ?? {};
          const value = last[metric.name];
          return [
            ...(above !== null && Number(value) > above ? ['above'] : []),
            ...(below !== null && Number(value) < below ? ['below'] : []),
            ...(equals !== null && value === equals ? [String(equals)] : []),
          ].map((what) => ({ id, start: `${profile}: ${metric.name} ${what}`, severity }));
        }),
      ),
    );
    expect(expected.length).toBeGreaterThan(10);
    const isSuch = (one: string) =>
      expected.some(
        ({ id, start, severity }) => one.startsWith(start) && one.endsWith(`(${severity}): ${id}`),
      );
    const ofHub = fired.filter((one) => !/^[a-z-]+: [a-z_.]+ /.test(one));
    expect(ofHub).toContain('A command was contradicted: env-sensor-1');
    expect(ofHub.filter((one) => one.startsWith('The hub is silent'))).toEqual([]);
    const ofDevices = fired.filter((one) => !ofHub.includes(one));
    expect(ofDevices.filter((one) => !isSuch(one))).toEqual([]);
    expect(ofDevices).toHaveLength(expected.length);
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

  test('devices of a profile that is gone are on the board of the others, and its rules are deleted', async () => {
    rmSync(join(directory.path, 'profiles/truck.yaml'));
    await cli('--out', out);
    await cli('--out', out, '--check');
    const answer = await panelOf('fieldline-fleet', 'Devices');
    const row = rowsOf(answer).find(({ device }) => device === 'truck-2') ?? {};
    expect(linkIn(answer, 'device', row)).toBe(
      '/d/fieldline-device-default?var-profile=truck&var-device=truck-2&from=1&to=2',
    );
    const other = board('fieldline-device-default');
    const variables = { profile: 'truck', device: 'truck-2' };
    const [profile] = other.templating.list;
    expect(profile && (await variableValues(profile, { ...asking(other), variables }))).toContain('truck');
    const rulesFile = readFileSync(join(out, 'provisioning/alerting/fieldline-rules.yaml'), 'utf8');
    const { deleteRules } = load(rulesFile) as { deleteRules: { uid: string }[] };
    expect(deleteRules.map(({ uid }) => uid)).toContain('fl-truck-gate-alarm-equals');
  });
});

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
  const isTable = panel.type === 'table' || panel.type === 'geomap';
  const names = isTable
    ? columnsOf(rowsOf({ panel, answers }))
    : answers.flatMap(tracesOf).map(({ name }) => name);
  for (const { matcher } of panel.fieldConfig?.overrides ?? []) {
    if (!names.some((name) => isMeant(matcher, name)))
      faults.push(`${panel.title}: there is no ${matcher.options} among ${names.join(', ')}`);
  }
  return faults;
}
