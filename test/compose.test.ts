import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ComposeProject } from './kit/compose-project.js';
import { requireTool } from './kit/require-tool.js';

const PROFILES = ['--profile', 'sim', '--profile', 'bridge', '--profile', 'influx2'];

describe.runIf(requireTool('docker-compose', 'docker-compose'))('docker-compose.yml', () => {
  const project = new ComposeProject();
  afterAll(() => project.dispose());

  it('has no password of its own: without .env nothing starts, and it says what to do', async () => {
    await expect(project.compose('config', '-q')).rejects.toThrow(/deploy\/make-env\.sh/);
  });

  it('is valid with every profile, and .env is for its owner alone', async () => {
    await project.makeEnv();
    expect(statSync(join(project.path, '.env')).mode & 0o777).toBe(0o600);
    await project.compose(...PROFILES, 'config', '-q');
    const secrets = [
      'FIELDLINE_ADMIN_TOKEN',
      'INFLUXDB_ADMIN_PASSWORD',
      'MQTT_HUB_PASSWORD',
      'GRAFANA_ADMIN_PASSWORD',
    ];
    const made = secrets.map((name) => project.setting(name));
    expect(new Set(made).size).toBe(secrets.length);
    for (const secret of made) expect(secret.length).toBeGreaterThanOrEqual(24);
  });

  it('lets nobody in from outside unless told, and runs nothing as root', async () => {
    const config = await project.compose(...PROFILES, 'config');
    const published = [...config.matchAll(/published: '?(\d+)|- (\d[\d.]+):\d+:\d+/g)].map(([line]) => line);
    expect(published.length).toBeGreaterThan(0);
    for (const line of published) expect(line).toMatch(/^- 127\.0\.0\.1:/);
    expect(config.match(/^ {4}image:/gm)?.length).toBe(config.match(/^ {4}user:/gm)?.length);
    expect(config).not.toMatch(/user: '?(root|0)/);
  });
});
