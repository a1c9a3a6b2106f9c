import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SinkStatus } from '../hub/src/sinks/sink.js';
import { Fleet } from './kit/fleet.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { MOSQUITTO_PROBES, startMosquitto } from './kit/mosquitto.js';
import { NumberedSubscriber } from './kit/numbered-subscriber.js';
import { NumberedViewer } from './kit/numbered-viewer.js';
import { compareNumbers, NO_DIFFERENCE } from './kit/numbers.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

const MIB = 1_024 ** 2;
const AWAY_MS = 60_000;
const SETTINGS = { FIELDLINE_RATE_LIMIT: '0', FIELDLINE_LOG_LEVEL: 'warn' } as const;

const canRun = requireInfluxd();
const canPublish =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);

async function influxStatus(hub: HubProcess): Promise<SinkStatus> {
  const ready = await hub.http.request('/readyz');
  // Whatever InfluxDB does, telemetry can be journaled.
  expect(ready.status).toBe(200);
  const { sinks } = ready.json<{ sinks: Record<string, SinkStatus> }>();
  expect(sinks).not.toHaveProperty('duckdb');
  return sinks.influx as SinkStatus;
}

/** Waits until `/readyz` shows InfluxDB so. */
function waitForInflux(hub: HubProcess, expected: object): Promise<SinkStatus> {
  return vi.waitFor(
    async () => {
      const status = await influxStatus(hub);
      expect(status, status.error).toMatchObject(expected);
      return status;
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Waits until all is delivered, and asks InfluxDB itself whether it has everything that was sent, each once. */
async function hasEverything(hub: HubProcess, influxd: Influxd, fleet: Fleet): Promise<void> {
  const status = await waitForInflux(hub, { state: 'running', lag: 0, oldest: null });
  expect(status).toMatchObject({ skipped: 0 });
  expect(status).not.toHaveProperty('error');
  for (const { id, acked, sent } of fleet.devices) {
    expect(acked).toBe(sent);
    const series = await influxd.query(`SELECT n FROM "default" WHERE device = '${id}'`, 'fieldline');
    const stored = series.flatMap(({ values }) => values.map(([, n]) => Number(n)));
    expect({ id, ...compareNumbers(stored, sent) }).toEqual({ id, ...NO_DIFFERENCE });
    expect(await hub.http.quarantine(id)).toEqual([]);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

describe.skipIf(!canRun || !canPublish)('InfluxDB away under load', () => {
  it('stopped for a minute, killed, unable to write: it has all that was acked, once; nothing else waits', async () => {
    // Small snapshots: it opens files often, and so feels at once that it may not write.
    const influxd = await startInfluxd({
      unprivileged: true,
      env: { INFLUXDB_DATA_CACHE_SNAPSHOT_MEMORY_SIZE: '65536' },
    });
    onTestFinished(() => influxd.dispose());
    const mosquitto = await startMosquitto();
    onTestFinished(() => mosquitto.dispose());
    const hub = await startHub({
      env: { ...SETTINGS, FIELDLINE_INFLUX_URL: influxd.url, FIELDLINE_MQTT_URL: mosquitto.url },
    });
    onTestFinished(() => hub.dispose());
    const viewer = await NumberedViewer.connect(hub.url);
    onTestFinished(() => viewer.close());
    const subscriber = new NumberedSubscriber({ port: mosquitto.port });
    onTestFinished(() => subscriber.dispose());
    await subscriber.start();
    const fleet = await Fleet.connect(hub, { count: 10, perSecond: 2_000 });
    onTestFinished(() => fleet.drop());

    const resident: number[] = [];
    /** Acks go on, and the viewer and the subscriber come to see what was acked, while InfluxDB is as it is. */
    const goesOn = async (): Promise<void> => {
      await fleet.load.until(1_000);
      const { acked } = fleet;
      await Promise.all([viewer.progress.reached(acked), subscriber.progress.reached(acked)]);
      resident.push(hub.residentBytes());
    };
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) await goesOn();
    };

    fleet.load.start();
    await rounds(3);
    await waitForInflux(hub, { state: 'running' });
    resident.length = 0;

    await influxd.stop();
    const stoppedAt = Date.now();
    const retrying = { state: 'retrying', oldest: expect.any(Number), error: expect.any(String) };
    const atFirst = await waitForInflux(hub, retrying);
    while (Date.now() - stoppedAt < AWAY_MS) await goesOn();
    const atLast = await influxStatus(hub);
    expect(atLast).toMatchObject(retrying);
    expect(atLast.lag).toBeGreaterThan(atFirst.lag + 1_000);
    // What waits is as old as the outage, give or take what was on its way when it began.
    expect(atLast.oldest).toBeLessThan(stoppedAt + 5_000);
    expect(atLast.oldest).toBeGreaterThan(stoppedAt - 30_000);
    await influxd.start();
    await waitForInflux(hub, { state: 'running' });
    await rounds(1);

    await influxd.kill9();
    await waitForInflux(hub, { state: 'retrying' });
    await rounds(3);
    await influxd.start();
    await waitForInflux(hub, { state: 'running' });
    await rounds(1);

    influxd.setWritable(false);
    await waitForInflux(hub, { state: expect.stringMatching(/^(retrying|holding)$/) });
    await rounds(10);
    await waitForInflux(hub, { state: expect.stringMatching(/^(retrying|holding)$/) });
    influxd.setWritable(true);
    // It does not recover by itself. Killed, it also forgets what it has in memory only.
    await influxd.kill9();
    await influxd.start();
    await waitForInflux(hub, { state: 'running' });
    await rounds(1);

    await fleet.finish();
    const { acked } = fleet;
    await Promise.all([viewer.progress.reached(acked), subscriber.progress.reached(acked)]);
    expect(fleet.remarks).toEqual([]);
    expect(subscriber.holes).toEqual([]);
    await hasEverything(hub, influxd, fleet);
    expect(median(resident.slice(-10)) - median(resident.slice(0, 10))).toBeLessThan(80 * MIB);
  });
});

describe.skipIf(!canRun)('a hub with InfluxDB', () => {
  it('starts and acks while InfluxDB is away, delivers later, and never opens DuckDB', async () => {
    const influxd = await startInfluxd();
    onTestFinished(() => influxd.dispose());
    await influxd.stop();
    const hub = await startHub({ env: { ...SETTINGS, FIELDLINE_INFLUX_URL: influxd.url } });
    onTestFinished(() => hub.dispose());
    const fleet = await Fleet.connect(hub, { count: 2, perSecond: 2_000 });
    onTestFinished(() => fleet.drop());
    fleet.load.start();
    await fleet.load.until(2_000);
    await waitForInflux(hub, { state: 'retrying', oldest: expect.any(Number), written: 0 });
    await influxd.start();
    await fleet.load.until(500);
    await fleet.finish();
    await hasEverything(hub, influxd, fleet);
    expect(existsSync(join(hub.dataDir, 'history.duckdb'))).toBe(false);
  });

  it('holds everything while its password is wrong, and delivers it with the right one', async () => {
    const admin = { username: 'admin', password: 'right' };
    const influxd = await startInfluxd({
      env: { INFLUXDB_HTTP_AUTH_ENABLED: 'true' },
      credentials: admin,
    });
    onTestFinished(() => influxd.dispose());
    await influxd.query("CREATE USER admin WITH PASSWORD 'right' WITH ALL PRIVILEGES");
    // The hub's own user has no rights beyond its database: enough for everything but rollups.
    await influxd.query('CREATE DATABASE fieldline');
    await influxd.query("CREATE USER hub WITH PASSWORD 'correct-5316'");
    await influxd.query('GRANT ALL ON fieldline TO hub');
    const directory = tempDir('hub');
    onTestFinished(() => directory.remove());
    const hubWith = async (password: string): Promise<HubProcess> => {
      const hub = await startHub({
        data: directory.path,
        env: {
          ...SETTINGS,
          FIELDLINE_INFLUX_URL: influxd.url,
          FIELDLINE_INFLUX_USERNAME: 'hub',
          FIELDLINE_INFLUX_PASSWORD: password,
        },
      });
      onTestFinished(() => hub.dispose());
      return hub;
    };

    const wrong = await hubWith('mistyped-5316');
    const fleet = await Fleet.connect(wrong, { count: 2, perSecond: 2_000 });
    onTestFinished(() => fleet.drop());
    fleet.load.start();
    await fleet.load.until(2_000);
    await fleet.finish();
    const status = await waitForInflux(wrong, { state: 'holding', skipped: 0, oldest: expect.any(Number) });
    expect(status.lag).toBeGreaterThanOrEqual(fleet.load.acked);
    expect(status.error).toMatch(/authori|credential|password/i);
    expect(status.error).not.toContain('mistyped');
    expect(wrong.output.lines.join('\n')).not.toContain('mistyped');
    await wrong.stop();

    await hasEverything(await hubWith('correct-5316'), influxd, fleet);
  });
});
