import { CpuAccount } from '../cpu-account.js';
import type { Bench, Figure, Measurement } from '../figure.js';
import { type LoadedHub, startLoadedHub } from '../hub/loaded-hub.js';
import { sinkCaughtUp } from '../hub/metrics.js';
import { Ping } from '../hub/ping.js';
import { type SeenStalls, Stalls } from '../hub/stalls.js';
import { BareLoad } from '../load/bare-load.js';
import { percentile } from '../percentile.js';
import { Influxd } from '../servers/influxd.js';
import { Mosquitto } from '../servers/mosquitto.js';
import { Subscriber } from '../servers/subscriber.js';

const CONNECTIONS = 200;
const VIEWERS = 10;
const RATE = 20_000;
const WARM_UP_MS = 3_000;
const CALM_MS = 3_000;
const CAUGHT_UP_WITHIN_MS = 120_000;
/** Asking whether the sinks are done costs the hub some milliseconds, which are in its account. */
const ASK_EVERY_MS = 500;

/** The whole hub with its two neighbours, beside a bare server that only parses JSON. */
export const whole: Figure = {
  name: 'whole',
  title: 'InfluxDB, MQTT and ten viewers',
  async run(bench) {
    const { influxd, subscriber, env } = await startNeighbours(bench);
    const stalls = new Stalls(await bench.directory('stalls'));
    const probe = stalls.start;
    const loaded = await startLoadedHub(bench, CONNECTIONS, {
      viewers: VIEWERS,
      flags: probe.flags,
      env: { ...env, ...probe.env },
    });
    const { hub } = loaded;
    const bare = await BareLoad.start(bench, CONNECTIONS);
    const ping = await Ping.open(hub);
    bench.defer(() => ping.close());

    const rounds = bench.quick ? 1 : 3;
    const durationMs = bench.quick ? 5_000 : 10_000;
    bench.note('warming up');
    let total = await sendAll(loaded, WARM_UP_MS);
    await bare.send(RATE, WARM_UP_MS);
    ping.taken();
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    const calmMs = ping.taken();

    const ofHub = new CpuAccount();
    const ofBare = new CpuAccount();
    const seen: SeenStalls[] = [];
    const roundTripMs: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      await stalls.since(hub.pid);
      ping.taken();
      await ofHub.add(hub.pid, () => sendAll(loaded, durationMs));
      seen.push(await stalls.since(hub.pid));
      roundTripMs.push(...ping.taken());
      await ofBare.add(bare.pid, () => bare.send(RATE, durationMs));
      bench.note(`round ${round}: hub ${ofHub.last.toFixed(1)} µs, bare ${ofBare.last.toFixed(1)} µs`);
    }
    total += ofHub.messages;
    const stored = await influxd.count('fieldline', 'temperature', 'env-sensor');
    const heard = await subscriber.received(total);

    const load = `${RATE} msg/s over ${CONNECTIONS} sockets, single frames, 5 metrics; ${rounds} rounds of ${durationMs / 1_000} s, alternating with the bare server`;
    return [
      ...cpu(ofHub, ofBare, load),
      ...delays(seen, roundTripMs, calmMs, load),
      ...arrivals(total, stored, heard),
    ];
  },
};

/** InfluxDB, a broker, and a subscriber to all telemetry; the settings that have a hub use them. */
async function startNeighbours(bench: Bench) {
  const influxd = await Influxd.start(await bench.directory('influxd'));
  bench.defer(() => influxd.kill());
  const mosquitto = await Mosquitto.start(await bench.directory('mosquitto'));
  bench.defer(() => mosquitto.kill());
  const subscriber = await Subscriber.start(mosquitto.port, 'fieldline/v1/devices');
  bench.defer(() => subscriber.close());
  return {
    influxd,
    subscriber,
    env: { FIELDLINE_INFLUX_URL: influxd.url, FIELDLINE_MQTT_URL: mosquitto.url },
  };
}

/** A round: it ends when everything was acked, and both sinks have all of it. */
async function sendAll({ hub, load }: LoadedHub, durationMs: number): Promise<number> {
  const { sent, acked } = await load.perform({ do: 'send', rate: RATE, durationMs });
  if (acked < sent) throw new Error(`${sent - acked} messages were not acked`);
  await sinkCaughtUp(hub, 'influx', CAUGHT_UP_WITHIN_MS, ASK_EVERY_MS);
  await sinkCaughtUp(hub, 'mqtt', CAUGHT_UP_WITHIN_MS, ASK_EVERY_MS);
  return sent;
}

function cpu(ofHub: CpuAccount, ofBare: CpuAccount, load: string): Measurement[] {
  const parts = `auth, journal, acks, InfluxDB, MQTT QoS 1 with one subscriber, ${VIEWERS} viewers of everything, metrics scraped`;
  const conditions = `${load}; all threads of the process, until both sinks had everything; ${parts}`;
  return [
    { name: 'whole hub CPU per message', value: ofHub.mean, unit: 'µs', target: null, conditions },
    {
      name: 'bare CPU per message',
      value: ofBare.mean,
      unit: 'µs',
      target: null,
      conditions: `${load}; ws + JSON.parse`,
    },
    { name: 'whole hub / bare', value: ofHub.mean / ofBare.mean, unit: '×', target: 2.5, conditions: load },
  ];
}

function delays(
  seen: readonly SeenStalls[],
  roundTripMs: readonly number[],
  calmMs: readonly number[],
  load: string,
): Measurement[] {
  const inside = `${load}; Node's monitorEventLoopDelay in the hub, every 10 ms, which are subtracted; the worst round`;
  const outside = `${load}; WebSocket pings every 20 ms from the process that runs the benchmark, answered by the hub; p99 ${percentile(calmMs, 0.99).toFixed(1)} ms when nothing goes on`;
  const worst = (of: (one: SeenStalls) => number) => Math.max(...seen.map(of));
  return [
    {
      name: 'event-loop stall p99',
      value: worst(({ p99 }) => p99),
      unit: 'ms',
      target: 15,
      conditions: inside,
    },
    {
      name: 'event-loop stall max',
      value: worst(({ max }) => max),
      unit: 'ms',
      target: null,
      conditions: inside,
    },
    {
      name: 'ping round trip p99',
      value: percentile(roundTripMs, 0.99),
      unit: 'ms',
      target: null,
      conditions: outside,
    },
  ];
}

function arrivals(total: number, stored: number, heard: number): Measurement[] {
  return [
    {
      name: 'readings missing in InfluxDB',
      value: Math.abs(total - stored),
      unit: `of ${total}`,
      target: 0,
      conditions: 'acked readings, beside points counted by InfluxDB at the end',
    },
    {
      name: 'readings missing at the subscriber',
      value: Math.max(0, total - heard),
      unit: `of ${total}`,
      target: 0,
      conditions: `acked readings, beside messages that mosquitto_sub -q 1 printed (${heard}; at least once: more is no fault)`,
    },
  ];
}
