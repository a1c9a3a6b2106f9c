import { setTimeout as delay } from 'node:timers/promises';
import { CpuAccount } from '../cpu-account.js';
import type { Bench, Figure, Measurement } from '../figure.js';
import { startLoadedHub } from '../hub/loaded-hub.js';
import { sinkCaughtUp } from '../hub/metrics.js';
import { BareLoad } from '../load/bare-load.js';
import type { LoadReport } from '../load/jobs.js';
import { LoadProcess } from '../load/load-process.js';
import { Influxd } from '../servers/influxd.js';
import { Mosquitto } from '../servers/mosquitto.js';
import { Subscriber } from '../servers/subscriber.js';
import { NodeRedProcess } from './node-red-process.js';

const CONNECTIONS = 200;
const TOPICS = 'fieldline/v1/devices';
const DATABASE = { nodeRed: 'nodered', hub: 'fieldline' } as const;
/** Node-RED is tried at these rates, messages a second, until it does not hold one. */
const RATES = [1_000, 8_000, 16_000];
const ROUND_MS = 6_000;
/** A rate is held when all of a round is in InfluxDB so soon after its end. */
const HELD_WITHIN_MS = 3_000;
/** The outage is at a rate that all of them hold with ease. */
const OUTAGE_RATE = 1_000;
const OUTAGE = { beforeMs: 5_000, awayMs: 20_000, afterMs: 5_000 } as const;
/** Node-RED cannot be asked whether it is done: nothing more comes when the count has stood still for so long. */
const STILL_MS = 8_000;
const LATEST_MS = 45_000;

/** A system under the same load: where it takes frames, and where they end. */
interface System {
  readonly pid: number;
  send(rate: number, durationMs: number): Promise<LoadReport>;
  stored(): Promise<number>;
  /** Resolves when all that will ever be stored is. */
  settled(): Promise<unknown>;
}

/** Node-RED with a flow for this job, and the hub beside it. */
export const nodeRed: Figure = {
  name: 'node-red',
  title: `Node-RED ${NodeRedProcess.version} under the same load`,
  async run(bench) {
    const influxd = await Influxd.start(await bench.directory('influxd'));
    bench.defer(() => influxd.kill());
    const mosquitto = await Mosquitto.start(await bench.directory('mosquitto'));
    bench.defer(() => mosquitto.kill());
    const subscriber = await Subscriber.start(mosquitto.port, TOPICS);
    bench.defer(() => subscriber.close());
    const bare = await BareLoad.start(bench, CONNECTIONS);

    const climbing = await startNodeRed(bench, influxd, mosquitto);
    const held = await ladder(bench, climbing.system);
    climbing.close();
    // A fresh one: what it could not hold would still be on its way.
    const theirs = await startNodeRed(bench, influxd, mosquitto);
    const theirLoss = await outage(bench, theirs.system, influxd);
    theirs.close();
    const ours = await startHub(bench, influxd, mosquitto);
    const ourCpu = new CpuAccount();
    const ofBare = new CpuAccount();
    const rate = held.rate || RATES[0] || 0;
    await ourCpu.add(ours.pid, () => settledRound(ours, rate));
    await ofBare.add(bare.pid, () => bare.send(rate, ROUND_MS));
    const ourLoss = await outage(bench, ours, influxd);

    const load = `${rate} msg/s over ${CONNECTIONS} sockets for ${ROUND_MS / 1_000} s, the frames of the other figures; all threads`;
    const away = `${OUTAGE_RATE} msg/s for 30 s, influxd stopped after 5 s and started again after 25 s; messages that were sent, beside points counted by InfluxDB once nothing more came`;
    return [
      {
        name: 'Node-RED: rate that it holds',
        value: held.rate,
        unit: 'msg/s',
        target: null,
        conditions: `of ${RATES.join(', ')}; all in InfluxDB ${HELD_WITHIN_MS / 1_000} s after the load`,
      },
      ...cpuRows(held.cpuUs, ourCpu.mean, ofBare.mean, load),
      {
        name: `Node-RED: CPU per message at ${RATES[0]} msg/s`,
        value: held.firstCpuUs,
        unit: 'µs',
        target: null,
        conditions: `the same at ${RATES[0]} msg/s`,
      },
      lossRow('Node-RED: lost in an outage of InfluxDB', theirLoss, away, null),
      lossRow('hub: lost in an outage of InfluxDB', ourLoss, away, 0),
    ];
  },
};

function cpuRows(theirs: number, ours: number, bare: number, conditions: string): Measurement[] {
  const row = (name: string, value: number, unit = 'µs') => ({ name, value, unit, target: null, conditions });
  return [
    row('Node-RED: CPU per message', theirs),
    row('hub: CPU per message at that rate', ours),
    row('bare: CPU per message at that rate', bare),
    row('Node-RED / bare', theirs / bare, '×'),
    row('hub / bare at that rate', ours / bare, '×'),
  ];
}

function lossRow(
  name: string,
  { sent, lost }: { sent: number; lost: number },
  conditions: string,
  target: number | null,
): Measurement {
  return { name, value: lost, unit: `of ${sent}`, target, conditions };
}

async function startNodeRed(bench: Bench, influxd: Influxd, mosquitto: Mosquitto) {
  await influxd.createDatabase(DATABASE.nodeRed);
  bench.note(`starting Node-RED ${NodeRedProcess.version}; the first time it is installed`);
  const process = await NodeRedProcess.start({
    influxPort: Number(new URL(influxd.url).port),
    database: DATABASE.nodeRed,
    mqttPort: mosquitto.port,
    topicPrefix: TOPICS,
  });
  const load = new LoadProcess();
  const close = () => {
    load.close();
    process.kill();
  };
  bench.defer(close);
  const devices = Array.from({ length: CONNECTIONS }, (_, at) => ({ id: `red-${at}`, token: 'none' }));
  await load.perform({ do: 'connect', url: process.url, devices, hello: false });
  const stored = () => influxd.count(DATABASE.nodeRed, 'temperature', 'telemetry');
  const system: System = {
    pid: process.pid,
    send: (rate, durationMs) => load.perform({ do: 'send', rate, durationMs }),
    stored,
    settled: () => standsStill(stored),
  };
  return { system, close };
}

async function startHub(bench: Bench, influxd: Influxd, mosquitto: Mosquitto): Promise<System> {
  const { hub, load } = await startLoadedHub(bench, CONNECTIONS, {
    env: { FIELDLINE_INFLUX_URL: influxd.url, FIELDLINE_MQTT_URL: mosquitto.url },
  });
  bench.note('the hub');
  return {
    pid: hub.pid,
    send: (rate, durationMs) => load.perform({ do: 'send', rate, durationMs }),
    stored: () => influxd.count(DATABASE.hub, 'temperature', 'env-sensor'),
    settled: () => sinkCaughtUp(hub, 'influx', LATEST_MS, 500),
  };
}

interface Held {
  /** The highest of the rates that was held; 0 for none. */
  readonly rate: number;
  readonly cpuUs: number;
  /** At the lowest of the rates. */
  readonly firstCpuUs: number;
}

/** Finds the highest rate that is held, and what a message costs there. */
async function ladder(bench: Bench, system: System): Promise<Held> {
  await system.send(RATES[0] ?? 0, 2_000); // warm
  await delay(HELD_WITHIN_MS);
  let held: Held = { rate: 0, cpuUs: Number.NaN, firstCpuUs: Number.NaN };
  for (const rate of RATES) {
    const before = await system.stored();
    const account = new CpuAccount();
    let sent = 0;
    await account.add(system.pid, async () => (sent = await settledRound(system, rate)));
    const arrived = (await system.stored()) - before;
    bench.note(`${rate} msg/s: ${arrived} of ${sent} arrived, ${account.last.toFixed(0)} µs each`);
    if (arrived < sent) break;
    held = { rate, cpuUs: account.last, firstCpuUs: held.rate === 0 ? account.last : held.firstCpuUs };
  }
  return held;
}

async function settledRound(system: System, rate: number): Promise<number> {
  const { sent } = await system.send(rate, ROUND_MS);
  await delay(HELD_WITHIN_MS);
  return sent;
}

/** A load with influxd away for 20 s in its midst, and what of it is in InfluxDB in the end. */
async function outage(
  bench: Bench,
  system: System,
  influxd: Influxd,
): Promise<{ sent: number; lost: number }> {
  const before = await system.stored();
  const sending = system.send(OUTAGE_RATE, OUTAGE.beforeMs + OUTAGE.awayMs + OUTAGE.afterMs);
  await delay(OUTAGE.beforeMs);
  bench.note('influxd goes away for 20 s');
  const sinceMs = performance.now();
  await influxd.stop();
  await delay(OUTAGE.awayMs - (performance.now() - sinceMs));
  await influxd.restart();
  const { sent } = await sending;
  await system.settled();
  const arrived = (await system.stored()) - before;
  bench.note(`${arrived} of ${sent} are there`);
  return { sent, lost: sent - arrived };
}

async function standsStill(stored: () => Promise<number>): Promise<void> {
  const endMs = performance.now() + LATEST_MS;
  let count = await stored();
  for (let stillMs = 0; stillMs < STILL_MS && performance.now() < endMs; ) {
    await delay(1_000);
    const now = await stored();
    stillMs = now === count ? stillMs + 1_000 : 0;
    count = now;
  }
}
