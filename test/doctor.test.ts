import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldline } from './kit/fieldline.js';
import { ADMIN_TOKEN, HubProcess } from './kit/hub-process.js';
import { tempDir } from './kit/temp-dir.js';

const place = tempDir('doctor');
const data = join(place.path, 'data');

let hub: HubProcess;

beforeAll(async () => {
  // InfluxDB is not there: the hub works, and its history does not.
  hub = new HubProcess({
    data,
    env: { FIELDLINE_INFLUX_URL: 'http://127.0.0.1:1', FIELDLINE_MQTT_PORT: '0' },
  });
  await hub.start();
});

afterAll(async () => {
  await hub.dispose();
  place.remove();
});

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly code: string;
  readonly remedy?: string;
}

/** What the doctor says, by check; `env` is the configuration that it is started with. */
async function findings(env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await fieldline(['doctor', '--json'], {
    FIELDLINE_URL: hub.url,
    FIELDLINE_API_TOKEN: ADMIN_TOKEN,
    FIELDLINE_DATA: data,
    ...env,
  });
  const lines = stdout.trim().split('\n');
  const found = lines.map((line) => JSON.parse(line) as Finding);
  return { code, found: (check: string) => found.filter((finding) => finding.check === check) };
}

describe('fieldline doctor', () => {
  it('finds what a running hub lacks: its InfluxDB, an admin, a backup', async () => {
    const { code, found } = await findings({ FIELDLINE_INFLUX_URL: 'http://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(found('hub')).toMatchObject([{ state: 'ok' }]);
    expect(found('sink influx')).toMatchObject([
      { code: 'sink_away', remedy: expect.stringContaining('InfluxDB') },
    ]);
    expect(found('influxdb')).toMatchObject([{ code: 'influx_network' }]);
    expect(found('mqtt')).toMatchObject([{ state: 'ok' }]);
    expect(found('users')).toMatchObject([
      { code: 'no_admin', remedy: 'fieldline user add <name> --role admin' },
    ]);
    expect(found('backup')).toMatchObject([{ code: 'no_backup' }]);
    expect(found('open files')).toHaveLength(1);
  });

  it('finds nothing to be done any more once it was done, and tells who may not know', async () => {
    const user = { username: 'ada', password: 'not-a-good-one-1', role: 'admin' };
    await hub.http.request('/api/v1/users', { body: user });
    const env = { FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN };
    const made = await fieldline(['backup', join(place.path, 'one.tar.gz')], env);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('influxd backup') });
    const { found } = await findings();
    expect(found('users')).toMatchObject([{ state: 'ok' }]);
    expect(found('backup')).toMatchObject([{ state: 'ok' }]);
    expect(found('influxdb')).toMatchObject([
      { state: 'skip', message: expect.stringContaining('the hub writes to InfluxDB') },
    ]);
    const stranger = await findings({ FIELDLINE_API_TOKEN: 'fla_a-token-of-nobody' });
    expect(stranger.found('token')).toMatchObject([{ code: 'not_told' }]);
    expect(stranger.found('sink influx')).toMatchObject([{ code: 'sink_away' }]);
  });

  it('sees what it can of a hub that does not run', async () => {
    await hub.stop();
    chmodSync(data, 0o755);
    const { code, found } = await findings();
    expect(code).toBe(1);
    expect(found('hub')).toMatchObject([{ state: 'fail', code: 'hub_away' }]);
    expect(found('data')).toMatchObject([{ state: 'warn', code: 'data_open' }]);
    expect(found('format')).toMatchObject([{ state: 'ok' }]);
    expect(found('disk')).toHaveLength(1);
    expect(found('sinks')).toMatchObject([{ state: 'skip' }]);
  });
});
