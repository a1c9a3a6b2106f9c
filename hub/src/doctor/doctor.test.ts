import { expect, test } from 'vitest';
import { loadConfig } from '../config.js';
import { STATE_VERSION } from '../state/migrations.js';
import { hubVersion } from '../version.js';
import { examine } from './doctor.js';
import type { DataSight, HubThere, Readiness, Scene, Told } from './scene.js';

const NOW = 1_767_225_600_000;
const DAY_MS = 86_400_000;
const GIB = 2 ** 30;

const told: Told = {
  system: {
    ...{
      version: hubVersion(),
      startedAt: NOW - DAY_MS,
      at: NOW,
      messages: {},
      readings: 1_000_000,
      duplicates: 0,
    },
    ...{
      gaps: 0,
      clockRepairs: 0,
      rejects: {},
      bestEffortDropped: 0,
      liveDropped: 0,
      sync: null,
      viewers: 0,
    },
    devices: { online: 9, sleeping: 0, offline: 1, stale: 1, flapping: 0 },
    ...{ memoryBytes: 1, journalBytes: 1, historyBytes: 1, sampleMs: 5_000, samples: [] },
    disk: { bytes: 100 * GIB, freeBytes: 50 * GIB },
  },
  connection: { loopbackOnly: true, urls: [], otherUrls: [], mqtt: null },
  users: [{ username: 'ada', role: 'admin' }],
  backedUpAt: NOW - DAY_MS,
};
const readiness: Readiness = {
  journal: { bytes: 1_000, maxBytes: 10 * GIB, damaged: 0, trouble: null },
  sinks: { duckdb: { state: 'running', lag: 0, oldest: null, written: 1, skipped: 0 } },
};
const hub: HubThere = {
  ...{ isThere: true, url: 'http://127.0.0.1:8080', readiness, clockAheadMs: 3, told, refusal: null },
};
const data: DataSight = {
  ...{ path: '/data', unreadable: null, open: [], hasAdminToken: true, stateVersion: STATE_VERSION },
  ...{ journalBytes: 1_000, writtenAt: NOW - 5_000, disk: told.system.disk, pid: 7, openFiles: 65_536 },
};
const healthy: Scene = { nowMs: NOW, config: loadConfig({}), nodeVersion: 'v24.4.0', hub, data };

/** The codes of what is not as it should be, such as `fail disk_full`. Each has to say what to do. */
async function codes(change: Partial<Scene>): Promise<string[]> {
  const findings = await examine({ ...healthy, ...change });
  const bad = findings.filter(({ state }) => state === 'warn' || state === 'fail');
  for (const { remedy } of bad) expect(remedy).toMatch(/\w/);
  return bad.map(({ state, code }) => `${state} ${code}`);
}

const system = (change: Partial<Told['system']>): Partial<Scene> => ({
  hub: { ...hub, told: { ...told, system: { ...told.system, ...change } } },
});
const sink = (change: object): Partial<Scene> => ({
  hub: {
    ...hub,
    readiness: { ...readiness, sinks: { influx: { ...readiness.sinks.duckdb, ...change } } },
  } as HubThere,
});
const listening = (change: Partial<Told['connection']>): HubThere => ({
  ...hub,
  told: { ...told, connection: { ...told.connection, ...change } },
});
const journal = (change: Partial<Readiness['journal']>): Partial<Scene> => ({
  hub: { ...hub, readiness: { ...readiness, journal: { ...readiness.journal, ...change } } },
});

test('of a hub that is well nothing is told', async () => {
  expect(await codes({})).toEqual([]);
});

test.each<[string, Partial<Scene>, string[]]>([
  [
    'nobody answers',
    {
      hub: { isThere: false, url: 'http://x', reason: 'refused', remedy: 'start it' },
      data: { ...data, pid: null },
    },
    ['fail hub_away'],
  ],
  [
    'a process that does not answer',
    { hub: { isThere: false, url: 'http://x', reason: 'refused', remedy: 'start it' } },
    ['fail hub_silent'],
  ],
  ['a token that does not do', { hub: { ...hub, told: null, refusal: 'HTTP 401' } }, ['warn not_told']],
  ['another version', system({ version: '0.0.9' }), ['warn restart_needed']],
  ['a full journal', journal({ trouble: 'journal_full' }), ['fail journal_full']],
  ['damage', journal({ damaged: 2 }), ['warn journal_damaged']],
  [
    'a sink that is away',
    sink({ state: 'retrying', lag: 9, oldest: NOW - 10_000, error: 'ECONNREFUSED' }),
    ['fail sink_away'],
  ],
  [
    'a sink that holds',
    sink({ state: 'holding', lag: 9, oldest: NOW, error: 'unauthorized' }),
    ['fail sink_holding'],
  ],
  ['a sink that is slow', sink({ lag: 9, oldest: NOW - 120_000 }), ['warn sink_behind']],
  ['a sink that was skipped', sink({ skipped: 4 }), ['warn sink_skipped']],
  ['a full disk', system({ disk: { bytes: GIB, freeBytes: 100 } }), ['fail disk_full']],
  ['a small disk', system({ disk: { bytes: 20 * GIB, freeBytes: 5 * GIB } }), ['warn disk_small']],
  [
    'files that are open to others',
    { data: { ...data, open: ['/data', '/data/admin-token'] } },
    ['warn data_open'],
  ],
  ['a directory that is closed to us', { data: { ...data, unreadable: 'EACCES' } }, ['fail data_unreadable']],
  ['data of a newer hub', { data: { ...data, stateVersion: STATE_VERSION + 1 } }, ['fail data_newer']],
  ['data from the future', { data: { ...data, writtenAt: NOW + DAY_MS } }, ['fail clock_behind']],
  ['a clock that is off', { hub: { ...hub, clockAheadMs: -5_000 } }, ['warn clock_off']],
  ['a clock that is wrong', { hub: { ...hub, clockAheadMs: DAY_MS } }, ['fail clock_wrong']],
  ['an old Node', { nodeVersion: 'v20.18.3' }, ['fail node_old']],
  ['a Node that ends', { nodeVersion: 'v20.19.0' }, ['warn node_ending']],
  ['few files', { data: { ...data, openFiles: 1_024 } }, ['warn open_files_low']],
  [
    'the network without TLS',
    { config: loadConfig({ FIELDLINE_HOST: '192.168.4.2' }), hub: listening({ loopbackOnly: false }) },
    ['warn no_tls'],
  ],
  [
    'all of the network',
    { config: loadConfig({ FIELDLINE_HOST: '0.0.0.0' }), hub: listening({ loopbackOnly: false }) },
    ['warn no_tls', 'warn no_origins'],
  ],
  [
    'a name without a proxy',
    { config: loadConfig({ FIELDLINE_ORIGINS: 'https://hub.example' }) },
    ['warn proxy_not_trusted'],
  ],
  [
    'no certificate',
    { config: loadConfig({ FIELDLINE_TLS_CERT: '/nowhere/a.crt', FIELDLINE_TLS_KEY: '/nowhere/a.key' }) },
    ['fail certificate_unusable'],
  ],
  [
    'no admin',
    { hub: { ...hub, told: { ...told, users: [{ username: 'ada', role: 'viewer' }] } } },
    ['warn no_admin'],
  ],
  ['no backup', { hub: { ...hub, told: { ...told, backedUpAt: null } } }, ['warn no_backup']],
  [
    'an old backup',
    { hub: { ...hub, told: { ...told, backedUpAt: NOW - 8 * DAY_MS } } },
    ['warn backup_old'],
  ],
  [
    'silent devices',
    system({ devices: { online: 9, sleeping: 0, offline: 1, stale: 8, flapping: 0 } }),
    ['warn devices_stale'],
  ],
  [
    'flapping devices',
    system({ devices: { online: 9, sleeping: 0, offline: 1, stale: 0, flapping: 2 } }),
    ['warn devices_flapping'],
  ],
  [
    'an InfluxDB that is away',
    { config: loadConfig({ FIELDLINE_INFLUX_URL: 'http://127.0.0.1:1' }) },
    ['fail influx_network'],
  ],
  [
    'a broker that is away',
    { config: loadConfig({ FIELDLINE_MQTT_URL: 'mqtt://127.0.0.1:1' }) },
    ['fail broker_away'],
  ],
])('%s is told, with what to do', async (_name, change, expected) => {
  expect(await codes(change)).toEqual(expected);
});

test('refused values are told while they come, not because some came once', async () => {
  const sample = {
    at: NOW,
    messages: {},
    readings: 9,
    rejected: 4,
    duplicates: 0,
    sync: null,
    lag: {},
    written: {},
    memoryBytes: 1,
    busy: 0,
    viewers: 0,
  };
  const rejects = { type_conflict: 90_000, not_a_value: 3 };
  expect(await codes(system({ rejects, samples: [sample] }))).toEqual(['warn quarantine_grows']);
  expect(await codes(system({ rejects, samples: [{ ...sample, rejected: 0 }] }))).toEqual([]);
});

test('a hub on this machine with another data directory than is configured here has other settings', async () => {
  expect(await codes({ data: null })).toEqual(['warn other_settings']);
});

const OTHERS = ['http://192.168.4.2:8080'];

test.each<[string, Record<string, string>, Partial<Told['connection']>, string | null]>([
  ['the network, the shell says loopback', {}, { loopbackOnly: false, urls: OTHERS }, 'the network'],
  ['loopback, the shell says the network', { FIELDLINE_HOST: '0.0.0.0' }, {}, 'this machine only'],
  [
    'loopback behind a name that the shell does not know',
    {},
    { loopbackOnly: false, otherUrls: OTHERS },
    null,
  ],
  [
    'loopback behind a proxy',
    { FIELDLINE_ORIGINS: 'https://hub.example', FIELDLINE_PROXY_TRUSTED: 'loopback' },
    { loopbackOnly: false, urls: ['https://hub.example'] },
    null,
  ],
])('a hub that listens to %s is judged by what it says', async (_name, env, connection, where) => {
  const config = loadConfig(env);
  const findings = await examine({ ...healthy, config, hub: listening(connection) });
  const [address, ...more] = findings.filter(({ check }) => check === 'address');
  expect(more).toEqual([]);
  if (where === null) expect(address).toMatchObject({ state: 'ok' });
  else {
    const message = `the hub listens to ${where}; this shell's settings say ${config.host}`;
    expect(address).toMatchObject({ state: 'warn', code: 'other_settings', message });
  }
});

test('where the hub does not tell, the address is told as a setting', async () => {
  const findings = await examine({ ...healthy, hub: { ...hub, told: null, refusal: 'HTTP 401' } });
  expect(findings.find(({ check }) => check === 'address')).toMatchObject({
    state: 'ok',
    message: expect.stringContaining("by this shell's settings"),
  });
});

test.each([
  ['the history is in the hub', {}],
  ['the hub writes to InfluxDB; this shell does not know its address', sink({})],
])('without influx.url it is told that %s', async (message, change) => {
  const findings = await examine({ ...healthy, ...change });
  expect(findings.find(({ check }) => check === 'influxdb')).toMatchObject({
    state: 'skip',
    message: expect.stringContaining(message),
  });
});

test('without a data directory here the configuration of the hub is not judged', async () => {
  const findings = await examine({
    ...healthy,
    hub: { ...hub, url: 'https://hub.example' },
    config: loadConfig({ FIELDLINE_HOST: '0.0.0.0' }),
    data: null,
  });
  expect(findings.filter(({ state }) => state === 'warn' || state === 'fail')).toEqual([]);
  expect(findings.filter(({ state }) => state === 'skip').map(({ check }) => check)).toContain('address');
});
