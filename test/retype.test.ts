import type { AuditEntry, DeviceView, Page, ProfileView, RetypedMetric } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { run } from './kit/run.js';

const hasInfluxd = requireInfluxd();

let hub: HubProcess;

const view = (id: string) => hub.http.get<DeviceView>(`/api/v1/devices/${id}`);
const retype = (profile: string, metric: string, type: string) =>
  hub.http.request(`/api/v1/profiles/${profile}/metrics/${metric}`, { method: 'PATCH', body: { type } });

/** A device that sends numbered messages and says what was refused of each. */
async function connect(id: string, profile?: string) {
  const token = await hub.http.addDevice(id, profile === undefined ? {} : { profile });
  let seq = 0;
  const login = async (): Promise<DeviceClient> => {
    const client = await DeviceClient.connect(hub.url, { token });
    await client.hello({ boot: 'b1', seq });
    return client;
  };
  let client = await login();
  const send = async (values: object): Promise<unknown[]> => {
    client.send({ type: 'telemetry', seq: ++seq, time: Date.now(), values });
    await client.acked(seq);
    const rejects = client.messages.filter((message) => message.type === 'reject' && message.seq === seq);
    return rejects.map(({ message }) => message);
  };
  return {
    send,
    reconnect: async () => {
      client = await login();
    },
    close: () => client.close(),
  };
}

const values = async (id: string, metric: string) =>
  (await hub.http.history(id, metric)).map(([, value]) => value);

/** The whole of it, over whatever keeps the history. */
async function repair(): Promise<void> {
  const device = await connect('probe', 'env-sensor');
  expect(await device.send({ temperature: 20.5, mode: 'eco' })).toEqual([]);
  expect((await view('probe')).metrics.temperature).toMatchObject({
    type: 'number',
    unit: 'Cel',
    value: 20.5,
  });

  const temperature = (await retype('env-sensor', 'temperature', 'string')).json<RetypedMetric>();
  expect(temperature).toMatchObject({ profile: 'env-sensor', metric: 'temperature', type: 'string' });
  const mode = (await retype('env-sensor', 'mode', 'number')).json<RetypedMetric>();

  // What is shown is of the new type: nothing yet. What was stored is there.
  expect((await view('probe')).metrics).toMatchObject({
    temperature: { type: 'string', unit: null, value: null },
    mode: { type: 'number', value: null },
  });
  expect(await values('probe', 'temperature')).toEqual([20.5]);

  const since = (answered: RetypedMetric) => `(since ${new Date(answered.fixedAt ?? 0).toISOString()})`;
  expect(await device.send({ temperature: 21, mode: 'eco' })).toEqual([
    `string expected ${since(temperature)}, got number`,
    `number expected ${since(mode)}, got string`,
  ]);
  expect(await device.send({ temperature: 'warm', mode: 3 })).toEqual([]);
  expect((await view('probe')).metrics).toMatchObject({
    temperature: { type: 'string', unit: null, value: 'warm' },
    mode: { type: 'number', unit: null, value: 3 },
  });
  expect(await values('probe', 'temperature')).toEqual([20.5, 'warm']);
  expect(await values('probe', 'mode')).toEqual(['eco', 3]);

  // It lasts, and holds for devices that come later.
  await hub.kill9();
  await hub.start();
  expect((await view('probe')).metrics.temperature).toMatchObject({ type: 'string', value: 'warm' });
  await device.reconnect();
  expect(await device.send({ temperature: 22 })).toEqual([
    `string expected ${since(temperature)}, got number`,
  ]);
  expect(await device.send({ temperature: 'hot' })).toEqual([]);
  const later = await connect('later', 'env-sensor');
  expect(await later.send({ mode: 'full' })).toEqual([`number expected ${since(mode)}, got string`]);
  expect(await later.send({ temperature: 'cold', mode: 4 })).toEqual([]);
  expect(await values('probe', 'temperature')).toEqual([20.5, 'warm', 'hot']);
  await Promise.all([device.close(), later.close()]);
}

describe('with the embedded history', () => {
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub.dispose());

  it('a metric is given another type', repair);

  it('is seen in the profile and in the audit, and taken back', async () => {
    const profile = () => hub.http.get<ProfileView>('/api/v1/profiles/env-sensor');
    expect((await profile()).retyped).toMatchObject({
      temperature: { type: 'string' },
      mode: { type: 'number' },
    });
    expect((await profile()).metrics.temperature?.type).toBe('number');
    const audit = await hub.http.get<Page<AuditEntry>>('/api/v1/audit?action=metric.retyped');
    expect(audit.items.at(-1)).toMatchObject({
      actor: 'token:admin',
      subject: 'profile:env-sensor',
      details: { metric: 'temperature', type: 'string', before: 'number' },
    });
    expect((await retype('env-sensor', 'temperature', 'number')).json()).toMatchObject({ fixedAt: null });
    expect((await profile()).retyped).not.toHaveProperty('temperature');
    expect((await view('probe')).metrics.temperature).toMatchObject({ type: 'number', unit: 'Cel' });
  });

  it('devices without a profile go by the name default; the command line does it, too', async () => {
    const device = await connect('bare');
    await device.send({ level: 'low' });
    await run('env', [
      ...[`FIELDLINE_URL=${hub.url}`, `FIELDLINE_API_TOKEN=${ADMIN_TOKEN}`],
      ...[
        process.execPath,
        `${ROOT}hub/bin/fieldline.cjs`,
        'profile',
        'retype',
        'default',
        'level',
        'number',
      ],
    ]);
    expect(await device.send({ level: 3 })).toEqual([]);
    expect(await values('bare', 'level')).toEqual(['low', 3]);
    await device.close();
  });

  it('refuses what nobody has, and types that are none', async () => {
    expect((await retype('env-sensor', 'typo', 'number')).status).toBe(404);
    expect((await retype('nothing', 'temperature', 'number')).status).toBe(404);
    expect((await retype('env-sensor', 'temperature', 'object')).status).toBe(422);
  });
});

describe.skipIf(!hasInfluxd)('with InfluxDB', () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd();
    hub = await startHub({ env: { FIELDLINE_INFLUX_URL: influxd.url } });
  });
  afterAll(async () => {
    await hub?.dispose();
    await influxd?.dispose();
  });

  it('a metric is given another type', repair);

  it('the new type has a field of its own, with the type at the end of its name', async () => {
    const [series] = await influxd.query('SHOW FIELD KEYS FROM "env-sensor"', 'fieldline');
    expect(Object.fromEntries((series?.values ?? []) as [string, string][])).toMatchObject({
      temperature: 'float',
      temperature_string: 'string',
      mode: 'string',
      mode_number: 'float',
    });
  });
});
