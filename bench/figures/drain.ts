import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Figure } from '../figure.js';
import { registerDevices } from '../hub/devices.js';
import type { HubProcess } from '../hub/hub-process.js';
import { startLoadedHub } from '../hub/loaded-hub.js';
import { MetricsText, sinkCaughtUp } from '../hub/metrics.js';
import { seedJournal } from '../hub/seed-journal.js';
import type { LoadProcess } from '../load/load-process.js';
import { Influxd } from '../servers/influxd.js';

const BACKLOG = 2_000_000;
const SEEDED_DEVICES = 200;
/** 10,000 readings a device, 100 ms apart: the last quarter of an hour. */
const EVERY_MS = 100;
const CONNECTIONS = 200;
const RATE = 5_000;
/** The load goes on in pieces, until the backlog is gone. */
const PIECE_MS = 2_000;
/** How long influxd stays away once the load goes on. */
const AWAY_MS = 2_000;
const LOOK_EVERY_MS = 250;
/** A lag of so many seconds of the load is what is under way: the backlog is gone. */
const UNDER_WAY_S = 1;
const GIVE_UP_MS = 180_000;

/** A backlog that goes to InfluxDB while devices go on sending. */
export const drain: Figure = {
  name: 'drain',
  title: 'A backlog into InfluxDB, with live ingest',
  async run(bench) {
    const data = await bench.directory('data');
    const influxd = await Influxd.start(await bench.directory('influxd'));
    bench.defer(() => influxd.kill());
    const backlog = bench.quick ? BACKLOG / 5 : BACKLOG;
    bench.note(`writing a backlog of ${backlog} readings`);
    await seedJournal(join(data, 'journal'), {
      stop: { readings: backlog },
      devices: SEEDED_DEVICES,
      everyMs: EVERY_MS,
      sink: 'influx',
    });
    await influxd.stop();
    const { hub, load } = await startLoadedHub(bench, CONNECTIONS, {
      data,
      env: { FIELDLINE_INFLUX_URL: influxd.url, FIELDLINE_MQTT_EMBEDDED: 'false' },
    });
    // The journal knows the seeded devices, the registry does not; with their profile they go where others go.
    await registerDevices(hub, SEEDED_DEVICES, { prefix: 'seed', profile: 'env-sensor' });

    const live = new LiveIngest(load);
    const { rate, seconds, written } = await drained(bench, hub, influxd, live);
    const sent = await live.stop();
    await sinkCaughtUp(hub, 'influx', GIVE_UP_MS);
    const stored = await influxd.count('fieldline', 'temperature', 'env-sensor|default');
    const total = backlog + sent;
    const conditions = `${backlog} readings of 5 metrics in the journal while influxd was away, then started; ${written} readings in ${seconds.toFixed(1)} s, live ones among them, from the first that was confirmed until at most ${UNDER_WAY_S} s of the load was left; ${RATE} msg/s went in over ${CONNECTIONS} sockets meanwhile`;
    return [
      {
        name: 'readings drained per second',
        value: rate,
        unit: '/s',
        target: 100_000,
        least: true,
        conditions,
      },
      {
        name: 'readings missing in InfluxDB',
        value: Math.abs(total - stored),
        unit: `of ${total}`,
        target: 0,
        conditions: 'seeded and acked readings, beside points counted by InfluxDB at the end',
      },
    ];
  },
};

/** 5,000 messages a second until it is stopped. */
class LiveIngest {
  readonly #load: LoadProcess;
  readonly #running: Promise<number>;
  #isStopping = false;

  constructor(load: LoadProcess) {
    this.#load = load;
    this.#running = this.#run();
    // Asked for at the end; a failure before must not end the process.
    this.#running.catch(() => undefined);
  }

  /** Resolves to the messages that were sent, all of them acked. */
  stop(): Promise<number> {
    this.#isStopping = true;
    return this.#running;
  }

  async #run(): Promise<number> {
    let total = 0;
    while (!this.#isStopping) {
      const { sent, acked } = await this.#load.perform({ do: 'send', rate: RATE, durationMs: PIECE_MS });
      if (acked < sent) throw new Error(`${sent - acked} messages were not acked`);
      total += sent;
    }
    return total;
  }
}

async function drained(bench: Bench, hub: HubProcess, influxd: Influxd, live: LiveIngest) {
  await delay(AWAY_MS);
  const before = await look(hub);
  bench.note(`${before.lag} readings wait; influxd comes back`);
  await influxd.restart();
  const deadlineMs = performance.now() + GIVE_UP_MS;
  let first: Look | null = null;
  for (;;) {
    await delay(LOOK_EVERY_MS);
    const now = await look(hub);
    if (first === null && now.written > before.written) first = now;
    if (first !== null && now.lag <= RATE * UNDER_WAY_S) {
      const written = now.written - first.written;
      const seconds = (now.atMs - first.atMs) / 1_000;
      return { written, seconds, rate: written / seconds };
    }
    if (performance.now() > deadlineMs) {
      await live.stop();
      throw new Error(`${now.lag} readings still wait`);
    }
  }
}

interface Look {
  readonly atMs: number;
  readonly written: number;
  readonly lag: number;
}

async function look(hub: HubProcess): Promise<Look> {
  const metrics = await MetricsText.read(hub);
  return {
    atMs: performance.now(),
    written: metrics.value('fieldline_sink_written_total{sink="influx"}'),
    lag: metrics.value('fieldline_sink_lag_readings{sink="influx"}'),
  };
}
