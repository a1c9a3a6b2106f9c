import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComposeProject } from '../kit/compose-project.js';
import { HubHttp } from '../kit/hub-http.js';
import { NumberedDevice } from '../kit/numbered-device.js';
import { Podman, requirePodman } from '../kit/podman.js';

const HUB_IMAGE = 'docker.io/fieldline/hub:0.1.0';

describe.runIf(requirePodman())('the containers', () => {
  const podman = new Podman();
  let project: ComposeProject;
  let http: HubHttp;
  let device: NumberedDevice;

  beforeAll(async () => {
    await podman.open();
    await podman.makeStandIns();
    await podman.makeHub(HUB_IMAGE);
    project = new ComposeProject(podman.env);
    await project.makeEnv();
  }, 600_000);
  afterAll(async () => {
    device?.drop();
    await project?.compose('down', '--volumes', '--timeout', '1').catch(() => undefined);
    await podman.close();
    project?.dispose();
  }, 120_000);

  const stored = async () => (await http.history(device.id, 'n')).length;
  const sendAndBeAcked = async (count: number) => {
    device.feed(count);
    await expect.poll(() => device.acked, { timeout: 60_000 }).toBe(device.sent);
  };

  it('take the first reading within a minute, and it stands in InfluxDB', async () => {
    await project.compose('up', '-d', 'hub', 'influxdb', 'mosquitto', 'dashboards');
    http = new HubHttp(project.hubUrl, project.setting('FIELDLINE_ADMIN_TOKEN'));
    const isReady = async () => (await http.request('/readyz').catch(() => undefined))?.status;
    await expect.poll(isReady, { timeout: 60_000 }).toBe(200);
    device = new NumberedDevice('probe', await http.addDevice('probe'));
    await device.connect(project.hubUrl);
    await sendAndBeAcked(100);
    await expect.poll(stored, { timeout: 60_000 }).toBe(100);
    expect(await project.compose('logs', 'dashboards')).toContain('files in /grafana');
  });

  it.each(['influxdb', 'mosquitto', 'hub'])(
    'lose nothing that was acked when %s is killed and comes back',
    async (service) => {
      const before = device.sent;
      await project.compose('kill', service);
      if (service !== 'hub') await sendAndBeAcked(200);
      await project.compose('up', '-d', service);
      if (service === 'hub') {
        const connected = () =>
          device.connect(project.hubUrl).then(
            () => true,
            () => false,
          );
        await expect.poll(connected, { timeout: 60_000, interval: 500 }).toBe(true);
        await sendAndBeAcked(200);
      }
      await expect.poll(stored, { timeout: 60_000 }).toBe(before + 200);
    },
  );

  it('run as nobody special, on file systems that cannot be written to', async () => {
    const look = (service: string, script: string) =>
      project.compose('exec', '-T', service, 'sh', '-c', script);
    for (const service of ['hub', 'influxdb', 'mosquitto']) {
      expect(Number(await look(service, 'id -u'))).toBeGreaterThan(0);
      await expect(look(service, 'touch /usr/there')).rejects.toThrow();
    }
    const logs = await project.compose('logs');
    for (const name of ['FIELDLINE_ADMIN_TOKEN', 'INFLUXDB_ADMIN_PASSWORD', 'MQTT_HUB_PASSWORD']) {
      expect(logs).not.toContain(project.setting(name));
    }
    expect(logs).not.toContain('login?code=');
  });
});
