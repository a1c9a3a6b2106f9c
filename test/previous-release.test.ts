import { readFileSync } from 'node:fs';
import type {
  AuditEntry,
  CommandView,
  DeviceView,
  Page,
  QuarantineItem,
  UserView,
} from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { fieldline } from './kit/fieldline.js';
import { HubHttp } from './kit/hub-http.js';
import { HubProcess, ROOT } from './kit/hub-process.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const FIXTURE = `${ROOT}test/fixtures/data-0.1`;

/** What the hub that made the data answered; see the README there. */
interface Expected {
  readonly admin: string;
  readonly apiToken: string;
  readonly password: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly devices: readonly Partial<DeviceView>[];
  readonly users: readonly Partial<UserView>[];
  readonly commands: readonly Partial<CommandView>[];
  readonly audit: readonly Partial<AuditEntry>[];
  readonly quarantine: readonly Partial<QuarantineItem>[];
  readonly history: Readonly<Record<string, readonly (readonly [time: number, value: unknown])[]>>;
}

const expected = JSON.parse(readFileSync(`${FIXTURE}/expected.json`, 'utf8')) as Expected;
const place = tempDir('previous');

let hub: HubProcess;

beforeAll(async () => {
  await run('tar', ['xzf', `${FIXTURE}/data.tar.gz`, '-C', place.path]);
  hub = new HubProcess({
    data: `${place.path}/data`,
    env: { FIELDLINE_ADMIN_TOKEN: '', FIELDLINE_MQTT_EMBEDDED: 'false' },
  });
  await hub.start();
});

afterAll(async () => {
  await hub.dispose();
  place.remove();
});

/** The API with the token in the data directory: the one that the old hub made. */
const http = () => new HubHttp(hub.url, expected.admin);

async function items<T>(path: string): Promise<readonly T[]> {
  return (await http().get<Page<T>>(`/api/v1/${path}`)).items;
}

describe('the data of an earlier hub', () => {
  it('has the same devices, users and commands', async () => {
    expect(await items('devices')).toMatchObject(expected.devices);
    expect(await items('users')).toMatchObject(expected.users);
    expect(await items('commands')).toMatchObject(expected.commands);
    expect(await items('devices/bare/quarantine')).toMatchObject(expected.quarantine);
  });

  it('has the same audit', async () => {
    const told = await items<AuditEntry>('audit?limit=500');
    expect(told.slice(-expected.audit.length)).toMatchObject(expected.audit);
  });

  it.each(Object.keys(expected.history))('has the same history: %s', async (series) => {
    const [device = '', metric = ''] = series.split(' ');
    expect(await http().history(device, metric)).toEqual(expected.history[series]);
  });

  it('lets the same devices, tokens and users in, and devices go on where they were', async () => {
    const client = await DeviceClient.connect(hub.url, { token: expected.tokens.bare ?? '' });
    const welcome = await client.hello({ boot: 'b1', seq: 150 });
    expect(welcome.ack).toBe(150);
    await client.close();
    const viewer = new HubHttp(hub.url, expected.apiToken);
    expect((await viewer.request('/api/v1/devices')).status).toBe(200);
    const login = await viewer.request('/api/v1/session', {
      body: { username: 'ada', password: expected.password },
      token: null,
      headers: { origin: hub.url },
    });
    expect(login.status).toBe(200);
  });

  it('is the data of today after that: a backup of it is whole, and of the newest formats', async () => {
    const archive = `${place.path}/today.tar.gz`;
    const env = { FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: expected.admin };
    const made = await fieldline(['backup', archive, '--json'], env);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({ devices: 3, users: 1, commands: 2, pending: 0 });
  });
});

describe('a backup of the data of an earlier hub, before it is brought up to date', () => {
  it('says which formats it has, so that the earlier hub takes it back, and leaves the data as they are', async () => {
    const before = `${place.path}/before`;
    await run('mkdir', [before]);
    await run('tar', ['xzf', `${FIXTURE}/data.tar.gz`, '-C', before]);
    const archive = `${place.path}/before.tar.gz`;
    // Nobody answers: the directory itself is packed.
    const env = { FIELDLINE_URL: 'http://127.0.0.1:9', FIELDLINE_DATA: `${before}/data` };
    for (const name of [archive, `${place.path}/again.tar.gz`]) {
      const made = await fieldline(['backup', name, '--json'], env);
      expect(made.code, made.stderr).toBe(0);
      expect(JSON.parse(made.stdout)).toMatchObject({ devices: 3, users: 1, commands: 2, pending: 49 });
      const manifest = JSON.parse(await run('tar', ['xOzf', name, 'manifest.json']));
      expect(manifest.formats).toEqual({ state: 10, journal: 1, history: 1 });
    }
  });
});

describe('data of a later hub', () => {
  it('is refused with what to do, and stays as it is', async () => {
    const later = `${place.path}/later`;
    await run('mkdir', [later]);
    await run('tar', ['xzf', `${FIXTURE}/data.tar.gz`, '-C', later]);
    const sqlite = (statement: string) =>
      run('python3', [
        '-c',
        `import sqlite3; c = sqlite3.connect('${later}/data/state.sqlite'); print(c.execute('${statement}').fetchall()); c.close()`,
      ]);
    await sqlite('pragma user_version = 1000');
    const refused = new HubProcess({ data: `${later}/data` });
    expect(await refused.launch()).toBe(false);
    expect((await refused.exit).code).toBe(1);
    expect(refused.output.tail()).toMatch(/schema version 1000.*a newer hub wrote it\. Run that one/s);
    expect(await sqlite('pragma user_version')).toContain('[(1000,)]');
    expect(await sqlite('select count(*) from devices')).toContain('[(3,)]');
  });
});
