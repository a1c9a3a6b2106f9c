import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SinkStatus } from '../hub/src/sinks/sink.js';
import { Fleet } from './kit/fleet.js';
import { startHub } from './kit/hub-process.js';
import { requireInfluxd, startInfluxd } from './kit/influxd.js';
import { MOSQUITTO_PROBES, startMosquitto } from './kit/mosquitto.js';
import { NumberedSubscriber } from './kit/numbered-subscriber.js';
import { compareNumbers, NO_DIFFERENCE } from './kit/numbers.js';
import { requireTool } from './kit/require-tool.js';

const canRun =
  requireInfluxd() &&
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);

describe.skipIf(!canRun)('InfluxDB and a broker that accept connections and say nothing', () => {
  it('hold up neither devices nor a stop nor a start, and have everything when they go on', async () => {
    const influxd = await startInfluxd();
    onTestFinished(() => influxd.dispose());
    const mosquitto = await startMosquitto({ persistence: true });
    onTestFinished(() => mosquitto.dispose());
    const hub = await startHub({
      env: {
        FIELDLINE_RATE_LIMIT: '0',
        FIELDLINE_LOG_LEVEL: 'warn',
        FIELDLINE_INFLUX_URL: influxd.url,
        FIELDLINE_MQTT_URL: mosquitto.url,
      },
    });
    onTestFinished(() => hub.dispose());
    const subscriber = new NumberedSubscriber({ port: mosquitto.port });
    onTestFinished(() => subscriber.dispose());
    await subscriber.start();
    const fleet = await Fleet.connect(hub, { count: 10, perSecond: 3_000 });
    onTestFinished(() => fleet.drop());
    fleet.load.start();
    await fleet.load.until(2_000);

    influxd.freeze();
    mosquitto.freeze();
    await fleet.load.until(5_000);
    const askedAt = Date.now();
    expect(await hub.stop()).toEqual({ code: 0, signal: null });
    // The promise of the manual, not a measurement: a service manager kills after it.
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    fleet.load.stop();

    // Its deadline is shorter than the time-outs of all first tries together.
    await hub.start();
    for (const device of fleet.devices) await device.connect(hub.url);
    fleet.load.start();
    await fleet.load.until(2_000);
    influxd.thaw();
    mosquitto.thaw();
    await fleet.load.until(1_000);
    await fleet.finish();

    await subscriber.progress.reached(fleet.acked, 60_000);
    expect(subscriber.holes).toEqual([]);
    await vi.waitFor(
      async () => {
        const { sinks } = await hub.http.get<{ sinks: Record<string, SinkStatus> }>('/readyz');
        const done = { state: 'running', lag: 0, skipped: 0 };
        expect(sinks).toMatchObject({ influx: done, mqtt: done });
      },
      { timeout: 60_000, interval: 100 },
    );
    for (const { id, sent } of fleet.devices) {
      const series = await influxd.query(`SELECT n FROM "default" WHERE device = '${id}'`, 'fieldline');
      const stored = series.flatMap(({ values }) => values.map(([, n]) => Number(n)));
      expect({ id, ...compareNumbers(stored, sent) }).toEqual({ id, ...NO_DIFFERENCE });
    }
  });
});
