import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AuditEntry, CommandView, DeviceView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnsweringDevice } from './kit/answering-device.js';
import { fieldline } from './kit/fieldline.js';
import { ADMIN_TOKEN, HubProcess, startHub } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const DEVICES = 5;
const PER_SECOND = 2_000;
const ADA = { username: 'ada', password: 'not-a-good-one-1', role: 'operator' };

const env = {
  FIELDLINE_RATE_LIMIT: '0',
  FIELDLINE_LOG_LEVEL: 'warn',
  FIELDLINE_MQTT_EMBEDDED: 'false',
  // Small segments, so that some are confirmed, and would be removed, while they are copied.
  FIELDLINE_JOURNAL_SEGMENT_BYTES: '65536',
};
const place = tempDir('backup');
const archive = join(place.path, 'fieldline.tar.gz');

let hub: HubProcess;
let devices: NumberedDevice[];
/** The token of the first device, and one for the API. */
let deviceToken: string;
let viewerToken: string;
/** What each device had acks for before the backup began. */
let ackedBefore: number[];
/** How many values it has. */
let values: number;
/** When it began: commands and audit of before have to be in it. */
let before: { devices: DeviceView[]; commands: CommandView[]; audit: AuditEntry[] };

beforeAll(async () => {
  hub = await startHub({ env });
  devices = [];
  for (let index = 0; index < DEVICES; index++) {
    const id = `dev-${index}`;
    const token = await hub.http.addDevice(id, { profile: 'env-sensor', tags: { place: `hall ${index}` } });
    devices.push(new NumberedDevice(id, token, { padding: 40 }));
    if (index === 0) deviceToken = token;
  }
  const body = { name: 'screen', role: 'viewer' };
  viewerToken = (await hub.http.request('/api/v1/tokens', { body })).json<{ token: string }>().token;
  const answering = new AnsweringDevice('relay', await hub.http.addDevice('relay'));
  await answering.connect(hub.url);
  for (const name of ['relay.on', 'relay.off']) {
    const answer = await hub.http.request('/api/v1/devices/relay/commands?wait=10000', { body: { name } });
    expect(answer.status).toBe(200);
  }
  await hub.http.request('/api/v1/users', { body: ADA });
  await Promise.all(devices.map((device) => device.connect(hub.url)));
});

afterAll(async () => {
  for (const device of devices) device.drop();
  await hub.dispose();
  place.remove();
});

/** How a hub is reached from the command line. */
const at = (running: HubProcess) => ({ FIELDLINE_URL: running.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN });

async function items<T>(running: HubProcess, path: string): Promise<T[]> {
  return [...(await running.http.get<Page<T>>(`/api/v1/${path}?limit=500`)).items];
}

async function numbers(running: HubProcess, device: string): Promise<number[]> {
  return (await running.http.history(device, 'n')).map(([, n]) => Number(n)).sort((a, b) => a - b);
}

describe('a backup of a hub that works', () => {
  it('is made while devices send, and holds them up no longer than a moment', async () => {
    const load = new Load(devices, PER_SECOND);
    load.start();
    await load.until(4_000);
    before = {
      devices: await items(hub, 'devices'),
      commands: await items(hub, 'commands'),
      audit: await items(hub, 'audit'),
    };
    ackedBefore = devices.map(({ acked }) => acked);
    const made = fieldline(['backup', archive, '--json'], at(hub));
    // Acks go on: this is what a device sees of a backup.
    await load.until(2_000);
    const { code, stdout, stderr } = await made;
    await load.until(500);
    load.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const checked = JSON.parse(stdout) as { readonly values: number };
    expect(checked).toMatchObject({ devices: DEVICES + 1, commands: 2, users: 1, history: 'duckdb' });
    values = checked.values;
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect(readdirSync(place.path)).toEqual(['fieldline.tar.gz']);
    const told = (await items<AuditEntry>(hub, 'audit')).filter(({ action }) => action.startsWith('backup'));
    expect(told.map(({ action, result }) => [action, result])).toEqual([
      ['backup.made', 'ok'],
      ['backup.started', 'ok'],
    ]);
  });

  it('is an archive that tar reads, with its profiles', async () => {
    const names = (await run('tar', ['tzf', archive])).trim().split('\n');
    expect(names).toContain('data/state.sqlite');
    expect(names).toContain('profiles/env-sensor.yaml');
    expect(names.at(-1)).toBe('manifest.json');
  });

  it('another one afterwards is as good: the stores went on', async () => {
    const second = join(place.path, 'second.tar.gz');
    const { code, stdout } = await fieldline(['backup', second, '--json'], at(hub));
    expect(code).toBe(0);
    expect(JSON.parse(stdout).values).toBeGreaterThanOrEqual(values);
  });

  it('needs an admin', async () => {
    const body = { name: 'op', role: 'operator' };
    const { token } = (await hub.http.request('/api/v1/tokens', { body })).json<{ token: string }>();
    expect((await hub.http.request('/api/v1/backup', { method: 'POST', token })).status).toBe(403);
  });
});

describe('on an empty machine', () => {
  const data = join(place.path, 'machine');
  let other: HubProcess;

  afterAll(() => other.dispose());

  it('restore gives the same devices, history, commands and users', async () => {
    const restored = await fieldline(['restore', archive], { FIELDLINE_DATA: data });
    expect({ code: restored.code, told: restored.stdout }).toEqual({
      code: 0,
      told: expect.stringContaining(`${DEVICES + 1} devices, 1 users, 2 commands`),
    });
    expect(restored.stderr).toContain(`FIELDLINE_DATA=${data} fieldline start`);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    other = new HubProcess({ data, env });
    await other.start();
    const lasting = ({ id, name, profile, tags, disabled }: DeviceView) => ({
      id,
      name,
      profile,
      tags,
      disabled,
    });
    expect((await items<DeviceView>(other, 'devices')).map(lasting)).toEqual(before.devices.map(lasting));
    expect(await items(other, 'commands')).toEqual(before.commands);
    const audit = await items<AuditEntry>(other, 'audit');
    expect(audit.slice(-before.audit.length)).toEqual(before.audit);
    for (const [index, { id }] of devices.entries()) {
      const stored = await numbers(other, id);
      const acked = ackedBefore[index] ?? 0;
      // Everything that was acked before, and then one after the other up to where the backup was made: none twice.
      expect(stored.length).toBeGreaterThanOrEqual(acked);
      expect(stored).toEqual(Array.from({ length: stored.length }, (_, at) => at + 1));
    }
    const { username, password } = ADA;
    const login = await other.http.request('/api/v1/session', {
      body: { username, password },
      token: null,
      headers: { origin: other.url },
    });
    expect(login.status).toBe(200);
  });

  it('tokens of before do there, and a device goes on with its own: what it sends is kept', async () => {
    expect((await other.http.request('/api/v1/devices', { token: viewerToken })).status).toBe(200);
    const [device] = devices;
    if (device === undefined) throw new Error('no device');
    // The hub does not know of the last messages that the old one had acked: the device has to begin a new boot.
    const again = new NumberedDevice(device.id, deviceToken, { boot: 'after' });
    await again.connect(other.url);
    const stored = (await numbers(other, device.id)).length;
    const load = new Load([again], 1_000);
    load.start();
    await load.until(100);
    load.stop();
    again.drop();
    expect((await numbers(other, device.id)).length).toBeGreaterThanOrEqual(stored + 100);
  });

  it('restore touches nothing of a directory in use, nor of one that is not empty', async () => {
    const running = await fieldline(['restore', '--force', archive], { FIELDLINE_DATA: data });
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('has this journal open') });
    await other.stop();
    const refused = await fieldline(['restore', archive], { FIELDLINE_DATA: data });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('(FIELDLINE_DATA=DIR)') });
    const forced = await fieldline(['restore', '--force', archive], { FIELDLINE_DATA: data });
    expect(forced.code).toBe(0);
    const aside = readdirSync(data).filter((name) => name.startsWith('before-restore-'));
    expect(readdirSync(join(data, aside[0] ?? ''))).toContain('state.sqlite');
    // As if it had been killed before it put this into place.
    mkdirSync(join(data, '.restored-1/data'), { recursive: true });
    writeFileSync(join(data, '.restored-1/plan.json'), JSON.stringify({ aside: null, names: [] }));
    writeFileSync(join(data, '.restored-1/data/sim-late.json'), '{}');
    await other.start();
    const names = readdirSync(data);
    expect(names).toContain('sim-late.json');
    expect(names).not.toContain('.restored-1');
    expect(await items(other, 'commands')).toEqual(before.commands);
  });

  it('a hub that does not run is backed up from its directory', async () => {
    await other.kill9();
    const stopped = join(place.path, 'stopped.tar.gz');
    const { code, stdout, stderr } = await fieldline(['backup', stopped, '--json'], {
      FIELDLINE_URL: 'http://127.0.0.1:9',
      FIELDLINE_API_TOKEN: ADMIN_TOKEN,
      FIELDLINE_DATA: data,
    });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('No hub answers') });
    expect(JSON.parse(stdout)).toMatchObject({ devices: DEVICES + 1, commands: 2, users: 1 });
  });
});

describe('an export', () => {
  it('has everything in files that any program reads, and no secret', async () => {
    const out = join(place.path, 'export');
    const { code, stderr } = await fieldline(['export', '--out', out], at(hub));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = (name: string) => readFileSync(join(out, name), 'utf8').trim().split('\n');
    const about = JSON.parse(lines('export.json').join('\n'));
    expect(about.files.map(({ name }: { name: string }) => name).sort()).toEqual(
      [
        ...[
          'alarms',
          'api-tokens',
          'audit',
          'claims',
          'commands',
          'devices',
          'jobs',
          'profiles',
          'users',
        ].map((list) => `${list}.ndjson`),
        ...[...devices.map(({ id }) => id), 'relay'].map((id) => `telemetry/${id}.csv`),
      ].sort(),
    );
    expect(lines('devices.ndjson')).toHaveLength(DEVICES + 1);
    expect(lines('commands.ndjson').map((line) => JSON.parse(line))).toEqual(before.commands);
    const [device] = devices;
    const stored = await numbers(hub, device?.id ?? '');
    const rows = lines(`telemetry/${device?.id}.csv`).filter((line) => line.includes(',n,'));
    expect(rows).toHaveLength(stored.length);
    const everything = about.files.map(({ name }: { name: string }) => lines(name).join()).join();
    for (const secret of [ADA.password, ADMIN_TOKEN, 'fld_', 'scrypt'])
      expect(everything).not.toContain(secret);
  });
});

describe('an archive that is damaged', () => {
  it('is refused with the name of the file in it, and nothing is restored', async () => {
    // Without compression every byte of the archive belongs to one file.
    const tar = gunzipSync(readFileSync(archive));
    const at = tar.indexOf('data/history.duckdb') + 512 + 100_000;
    tar[at] = (tar[at] ?? 0) ^ 1;
    const flipped = join(place.path, 'flipped.tar.gz');
    writeFileSync(flipped, gzipSync(tar));
    const data = join(place.path, 'never');
    const refused = await fieldline(['restore', flipped], { FIELDLINE_DATA: data });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('data/history.duckdb is not what was written'),
    });
    expect(readdirSync(data)).toEqual([]);
    const verified = await fieldline(['backup', '--verify', flipped], {});
    expect(verified).toMatchObject({ code: 1, stderr: expect.stringContaining('data/history.duckdb') });
  });
});
