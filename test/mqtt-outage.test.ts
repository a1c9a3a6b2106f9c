import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SinkStatus } from '../hub/src/sinks/sink.js';
import { Fleet } from './kit/fleet.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, startMosquitto } from './kit/mosquitto.js';
import { NumberedSubscriber } from './kit/numbered-subscriber.js';
import { NumberedViewer } from './kit/numbered-viewer.js';
import { compareNumbers, NO_DIFFERENCE } from './kit/numbers.js';
import { requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';

const MIB = 1_024 ** 2;
const SETTINGS = { FIELDLINE_RATE_LIMIT: '0', FIELDLINE_LOG_LEVEL: 'warn' } as const;

const canRun =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);

/** A hub at a mosquitto, with devices that send, a viewer and a subscriber. */
async function busyHub(env: Readonly<Record<string, string>> = {}) {
  // What it has confirmed, it keeps for its subscriber over a restart.
  const mosquitto = await startMosquitto({ persistence: true });
  onTestFinished(() => mosquitto.dispose());
  const hub = await startHub({ env: { ...SETTINGS, FIELDLINE_MQTT_URL: mosquitto.url, ...env } });
  onTestFinished(() => hub.dispose());
  const viewer = await NumberedViewer.connect(hub.url);
  onTestFinished(() => viewer.close());
  const subscriber = new NumberedSubscriber({ port: mosquitto.port });
  onTestFinished(() => subscriber.dispose());
  await subscriber.start();
  const fleet = await Fleet.connect(hub, { count: 10, perSecond: 3_000, padding: 100 });
  onTestFinished(() => fleet.drop());
  fleet.load.start();
  return { mosquitto, hub, viewer, subscriber, fleet };
}

/** `/readyz` of the sinks; whatever the broker does, telemetry can be journaled. */
async function sinks(hub: HubProcess): Promise<Readonly<Record<string, SinkStatus>>> {
  const ready = await hub.http.request('/readyz');
  expect(ready.status).toBe(200);
  return ready.json<{ sinks: Record<string, SinkStatus> }>().sinks;
}

async function waitForMqtt(hub: HubProcess, expected: object): Promise<void> {
  await vi.waitFor(async () => expect(await sinks(hub)).toMatchObject({ mqtt: expected }), {
    timeout: 45_000,
    interval: 100,
  });
}

/** Every device is acked, and the viewer sees it. */
async function goesOn(fleet: Fleet, viewer: NumberedViewer, messages: number): Promise<void> {
  await fleet.load.until(messages);
  await viewer.progress.reached(fleet.acked);
}

describe.skipIf(!canRun)('an MQTT broker in trouble', () => {
  it('stopped, with a frozen subscriber, and frozen itself: all arrives, in order, and the hub does not grow', async () => {
    const { mosquitto, hub, viewer, subscriber, fleet } = await busyHub();
    /** The subscriber has everything that was acked until now, and had it in order. */
    const arrived = async (): Promise<void> => {
      await subscriber.progress.reached(fleet.acked, 45_000);
      expect(subscriber.holes).toEqual([]);
    };
    // The hub's own buffers and caches grow to their size first.
    await goesOn(fleet, viewer, 8_000);
    await arrived();
    const before = hub.residentBytes();
    const grown = () => hub.residentBytes() - before;

    await mosquitto.stop();
    await waitForMqtt(hub, { state: 'retrying', error: expect.any(String) });
    await goesOn(fleet, viewer, 8_000);
    await waitForMqtt(hub, { state: 'retrying', oldest: expect.any(Number) });
    expect(grown()).toBeLessThan(64 * MIB);
    await mosquitto.start();
    await arrived();
    await waitForMqtt(hub, { state: 'running' });

    subscriber.freeze();
    await goesOn(fleet, viewer, 8_000);
    expect(grown()).toBeLessThan(64 * MIB);
    subscriber.thaw();
    await arrived();

    mosquitto.freeze();
    await goesOn(fleet, viewer, 8_000);
    expect((await sinks(hub)).mqtt?.lag).toBeGreaterThan(1_000);
    expect(grown()).toBeLessThan(64 * MIB);
    mosquitto.thaw();
    await arrived();

    await fleet.finish();
    await arrived();
    await waitForMqtt(hub, { state: 'running', lag: 0, oldest: null, skipped: 0 });
    expect(fleet.remarks).toEqual([]);
    expect(grown()).toBeLessThan(64 * MIB);
  });

  it('killed with what it had confirmed: it gets that again, also for a subscriber that was away', async () => {
    const { mosquitto, hub, subscriber, fleet } = await busyHub({ FIELDLINE_MQTT_SAVED_AFTER_MS: '1h' });
    await fleet.load.until(500);
    await subscriber.progress.reached(fleet.acked);
    await subscriber.dispose();
    // The broker writes that there is such a session; by itself it would again in half an hour.
    process.kill(mosquitto.pid, 'SIGUSR1');
    const saved = join(mosquitto.directory, 'data/mosquitto.db');
    await vi.waitFor(() => expect(existsSync(saved)).toBe(true));
    await fleet.load.until(2_000);
    await fleet.finish();
    await waitForMqtt(hub, { state: 'running', lag: 0 });
    await mosquitto.kill9();
    await mosquitto.start();
    // Nothing new comes after it.
    await waitForMqtt(hub, { state: 'running', lag: 0 });
    await subscriber.start();
    await subscriber.progress.reached(fleet.acked, 45_000);
    expect(subscriber.holes).toEqual([]);
    expect(subscriber.repeats).toBeGreaterThan(0);
  });

  it('for longer than its share of the journal: its oldest are skipped and counted, and nothing else suffers', async () => {
    const { mosquitto, hub, viewer, subscriber, fleet } = await busyHub({
      FIELDLINE_JOURNAL_SEGMENT_BYTES: '64KiB',
      FIELDLINE_JOURNAL_MAX_BYTES: '1MiB',
    });
    await goesOn(fleet, viewer, 2_000);
    await subscriber.progress.reached(fleet.acked);
    expect(await skipped(hub)).toBe(0);

    await mosquitto.stop();
    await waitForMqtt(hub, { state: 'retrying' });
    // Several times what the whole journal holds.
    for (let round = 0; round < 6; round++) {
      await goesOn(fleet, viewer, 3_000);
      expect((await sinks(hub)).mqtt?.lag).toBeLessThan(10_000);
    }
    await fleet.finish();
    await mosquitto.start();
    await subscriber.progress.reached(fleet.acked, 45_000);
    await waitForMqtt(hub, { state: 'running', lag: 0 });

    const missing = subscriber.holes.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(missing).toBeGreaterThan(10_000);
    // What was on its way when the broker ended may have arrived, and be counted all the same.
    const counted = await skipped(hub);
    expect(counted).toBeGreaterThanOrEqual(missing);
    expect(counted).toBeLessThan(missing + 5_000);
    expect((await sinks(hub)).mqtt?.skipped).toBe(counted);
    expect(fleet.remarks).toEqual([]);
    for (const { id, sent } of fleet.devices) {
      const stored = (await hub.http.history(id, 'n')).map(([, n]) => Number(n));
      expect({ id, ...compareNumbers(stored, sent) }).toEqual({ id, ...NO_DIFFERENCE });
    }
  });
});

describe.skipIf(!canRun)('the embedded broker', () => {
  it('with a frozen subscriber serves the others as before, and the frozen one again when it thaws', async () => {
    const port = await freePort();
    const hub = await startHub({ env: { ...SETTINGS, FIELDLINE_MQTT_PORT: String(port) } });
    onTestFinished(() => hub.dispose());
    const credentials = { port, username: 'reader', password: ADMIN_TOKEN };
    const reading = new NumberedSubscriber({ ...credentials, id: 'reading' });
    onTestFinished(() => reading.dispose());
    const frozen = new NumberedSubscriber({ ...credentials, id: 'frozen' });
    onTestFinished(() => frozen.dispose());
    await Promise.all([reading.start(), frozen.start()]);
    const fleet = await Fleet.connect(hub, { count: 10, perSecond: 3_000, padding: 200 });
    onTestFinished(() => fleet.drop());
    fleet.load.start();
    await fleet.load.until(6_000);
    await frozen.progress.reached(fleet.acked);
    expect(frozen.holes).toEqual([]);

    const before = hub.residentBytes();
    frozen.freeze();
    for (let round = 0; round < 10; round++) {
      await fleet.load.until(1_500);
      await reading.progress.reached(fleet.acked);
    }
    expect(hub.residentBytes() - before).toBeLessThan(64 * MIB);
    frozen.thaw();
    await fleet.load.until(1_000);
    await frozen.progress.reached(fleet.acked);
    await fleet.finish();
    await reading.progress.reached(fleet.acked);
    expect(reading.holes).toEqual([]);
    await waitForMqtt(hub, { state: 'running', lag: 0, skipped: 0 });
  });
});

/** Readings that MQTT never got, as Prometheus would read it. */
async function skipped(hub: HubProcess): Promise<number> {
  const { text } = await hub.http.request('/metrics');
  const [, count] = /^fieldline_sink_skipped_total\{sink="mqtt"\} (\d+)$/m.exec(text) ?? [];
  return Number(count);
}
