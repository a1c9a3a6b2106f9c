import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComposeProject } from '../kit/compose-project.js';
import { Fleet } from '../kit/fleet.js';
import { NumberedSubscriber } from '../kit/numbered-subscriber.js';
import { compareNumbers, NO_DIFFERENCE } from '../kit/numbers.js';
import { Podman, requirePodman } from '../kit/podman.js';

const HUB_IMAGE = 'docker.io/fieldline/hub:0.1.0';
const SERVICES = ['hub', 'influxdb', 'mosquitto', 'dashboards'] as const;
const WAIT = { timeout: 60_000, interval: 500 };

describe.runIf(requirePodman())('the containers', () => {
  const podman = new Podman();
  let project: ComposeProject;
  let fleet: Fleet;
  let subscribers: readonly NumberedSubscriber[] = [];

  beforeAll(async () => {
    await podman.open();
    await podman.makeStandIns();
    await podman.makeHub(HUB_IMAGE);
    project = new ComposeProject(podman.env);
    await project.makeEnv();
  }, 900_000);
  afterAll(async () => {
    fleet?.drop();
    for (const subscriber of subscribers) await subscriber.dispose();
    await project?.compose('down', '--volumes', '--timeout', '1').catch(() => undefined);
    await podman.close();
    project?.dispose();
  }, 120_000);

  /** Everything that devices were promised stands in InfluxDB, and nothing of it twice. */
  const expectAllInInflux = async (): Promise<void> => {
    const lacking = async () => {
      const stored = await project.inInflux('n');
      return fleet.devices.filter(({ id, acked }) => (stored.get(id)?.length ?? 0) < acked).length;
    };
    await expect.poll(lacking, WAIT).toBe(0);
    const stored = await project.inInflux('n');
    for (const { id, sent } of fleet.devices) {
      const numbers = (stored.get(id) ?? []).map(Number);
      expect({ id, ...compareNumbers(numbers, sent) }).toEqual({ id, ...NO_DIFFERENCE });
    }
  };

  /** The broker has written everything that it has taken over until now. */
  const brokerHasSaved = async (): Promise<void> => {
    const savedAt = () => project.exec('mosquitto', 'stat', '-c', '%Y', '/mosquitto/data/mosquitto.db');
    const now = Math.ceil(Date.now() / 1_000);
    await expect.poll(async () => Number(await savedAt()), WAIT).toBeGreaterThan(now);
  };

  it('take a first reading that stands in InfluxDB within a minute from nothing', async () => {
    const startedAt = performance.now();
    await project.compose('up', '-d', ...SERVICES);
    await expect.poll(() => project.isReady(), WAIT).toBe(true);
    fleet = await Fleet.connect(project, { count: 2, perSecond: 400 });
    for (const device of fleet.devices) device.feed(1);
    await expect.poll(async () => (await project.inInflux('n')).get('dev-0'), WAIT).toEqual([1]);
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stdout.write(`from nothing to the first reading in InfluxDB: ${seconds.toFixed(1)} s\n`);
    expect(seconds).toBeLessThan(60);
  });

  it('are healthy, and Grafana has its files', async () => {
    for (const service of ['hub', 'influxdb', 'mosquitto']) {
      await expect
        .poll(() => project.containerOf(service).then((id) => podman.health(id)), WAIT)
        .toBe('healthy');
    }
    expect(await project.compose('logs', 'dashboards')).toContain('files in /grafana');
  });

  it('lose nothing that was acked when InfluxDB is killed while devices send, and comes back', async () => {
    fleet.load.start();
    await fleet.load.until(200);
    await project.compose('kill', 'influxdb');
    await fleet.load.until(400);
    await project.compose('up', '-d', 'influxdb');
    await fleet.load.until(200);
    await fleet.finish();
    expect(fleet.remarks).toEqual([]);
    await expectAllInInflux();
  });

  it('lose nothing that was acked when the broker is killed while devices send, and comes back', async () => {
    const listener = (id: string) =>
      new NumberedSubscriber({
        id,
        port: Number(project.setting('MQTT_PORT')),
        username: 'reader',
        password: project.setting('MQTT_READER_PASSWORD'),
      });
    subscribers = [listener('there'), listener('away')];
    const [there, away] = subscribers as [NumberedSubscriber, NumberedSubscriber];
    for (const subscriber of subscribers) await subscriber.start();
    fleet.load.start();
    await fleet.load.until(200);
    for (const { progress } of subscribers) await progress.reached(fleet.acked);
    // What comes from here on is kept for it.
    await away.dispose();
    await fleet.load.until(200);
    await there.progress.reached(fleet.acked);
    await brokerHasSaved();
    await project.compose('kill', 'mosquitto');
    await fleet.load.until(400);
    await project.compose('up', '-d', 'mosquitto');
    await fleet.load.until(200);
    await fleet.finish();
    expect(fleet.remarks).toEqual([]);
    await expectAllInInflux();
    await away.start();
    for (const { progress, holes } of subscribers) {
      await progress.reached(fleet.acked, WAIT.timeout);
      // What devices sent before anybody had subscribed.
      expect(holes.filter(({ from }) => from > 1)).toEqual([]);
    }
  });

  it('lose nothing that was acked when the hub is killed while devices send, and comes back', async () => {
    fleet.load.start();
    await fleet.load.until(200);
    await project.compose('kill', 'hub');
    await Promise.all(fleet.devices.map((device) => device.ended()));
    // The broker keeps for the hub what a device publishes meanwhile.
    await project.publish('fieldline/v1/ingest/dev-0', '{"boot":"mqtt","seq":1,"values":{"by_mqtt":7}}');
    await project.compose('up', '-d', 'hub');
    await expect.poll(() => project.isReady(), WAIT).toBe(true);
    for (const device of fleet.devices) await device.connect(project.url);
    await fleet.load.until(200);
    await fleet.finish();
    expect(fleet.remarks).toEqual([]);
    await expectAllInInflux();
    await expect.poll(async () => (await project.inInflux('by_mqtt')).get('dev-0'), WAIT).toEqual([7]);
    for (const { progress, holes } of subscribers) {
      await progress.reached(fleet.acked, WAIT.timeout);
      expect(holes.filter(({ from }) => from > 1)).toEqual([]);
    }
  });

  it('run as nobody special, on file systems that cannot be written to, and tell no secret', async () => {
    for (const service of ['hub', 'influxdb', 'mosquitto']) {
      expect(Number(await project.exec(service, 'id', '-u'))).toBeGreaterThan(0);
      await expect(project.exec(service, 'touch', '/usr/there')).rejects.toThrow();
    }
    const bill = JSON.parse(await project.exec('hub', 'cat', '/app/sbom.cdx.json'));
    const names = (bill as { components: { name: string }[] }).components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['fastify', 'libsql', 'preact', 'ws']));
    expect(names).not.toContain('vitest');
    const logs = await project.compose('logs');
    for (const name of ['FIELDLINE_ADMIN_TOKEN', 'INFLUXDB_ADMIN_PASSWORD', 'MQTT_HUB_PASSWORD']) {
      expect(logs).not.toContain(project.setting(name));
    }
    expect(logs).not.toContain('login?code=');
  });

  it('are backed up while they run, and restored on an empty machine: devices, tokens, commands, history', async () => {
    const commands = () => project.http.get('/api/v1/commands');
    await project.http.addDevice('asleep');
    const body = { name: 'relay.on', queue: true };
    expect((await project.http.request('/api/v1/devices/asleep/commands', { body })).status).toBe(202);
    const [before, sent] = [await commands(), fleet.devices.map((device) => device.sent)];
    fleet.drop();
    await project.run('deploy/backup.sh', 'backups/one');
    expect(readdirSync(join(project.path, 'backups/one')).sort()).toEqual([
      'env',
      'hub.tar.gz',
      'influxdb.tar.gz',
    ]);

    await project.compose('down', '--volumes', '--timeout', '1');
    rmSync(join(project.path, '.env'));
    await project.run('deploy/restore.sh', 'backups/one');
    await expect.poll(() => project.isReady(), WAIT).toBe(true);
    expect(await commands()).toEqual(before);
    // Their tokens do, and they go on where they were.
    for (const device of fleet.devices) await device.connect(project.url);
    expect(fleet.devices.map((device) => device.sent)).toEqual(sent);
    fleet.load.start();
    await fleet.load.until(100);
    await fleet.finish();
    expect(fleet.remarks).toEqual([]);
    await expectAllInInflux();
    await expect(project.run('deploy/restore.sh', 'backups/one')).rejects.toThrow('is not empty');
    await expect.poll(() => project.isReady(), WAIT).toBe(true);
  });
});
