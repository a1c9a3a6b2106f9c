import type { Bench, Figure, Measurement } from '../figure.js';
import { type Credentials, registerDevices } from '../hub/devices.js';
import { HubProcess } from '../hub/hub-process.js';
import { deviceSocket } from '../hub/loaded-hub.js';
import { type SeenStalls, Stalls } from '../hub/stalls.js';
import { openViewer, startScraping } from '../hub/watchers.js';
import type { FleetJob, FleetReport } from '../load/fleet-job.js';
import { JobProcess } from '../load/job-process.js';
import type { LoadReport } from '../load/jobs.js';
import { LoadProcess } from '../load/load-process.js';
import { cpuSeconds } from '../process-stats.js';

const FLEET = 10_000;
const OTHERS = 100;
const RATE_OF_ONE = 10;
const CONNECT_AT_ONCE = 64;
/** Beyond the promise, so that a miss has a number. */
const WITHIN_MS = 30_000;
/** The others send for so long before the fleet comes. */
const LEAD_MS = 2_000;

interface Storm {
  readonly fleet: FleetReport;
  readonly others: LoadReport;
  readonly stalls: SeenStalls;
  /** CPU of the hub from the first connect to the last welcome, all threads, s. */
  readonly cpuSeconds: number;
}

/** Ten thousand devices that come back in the same moment, while others go on. */
export const reconnect: Figure = {
  name: 'reconnect',
  title: 'All devices reconnecting at once',
  async run(bench) {
    const count = bench.quick ? 2_000 : FLEET;
    const stalls = new Stalls(await bench.directory('stalls'));
    const probe = stalls.start;
    const start = {
      data: await bench.directory('data'),
      flags: [...probe.flags, ...bench.hub.flags],
      env: { ...probe.env, ...bench.hub.env },
    };
    const fleet = new JobProcess<FleetJob, FleetReport>(new URL('../load/fleet.js', import.meta.url));
    bench.defer(() => fleet.close());

    let hub = await HubProcess.start(start);
    bench.defer(() => hub.stop());
    bench.note(`registering ${count} devices`);
    const devices = await registerDevices(hub, count, { prefix: 'fleet', profile: 'env-sensor' });
    const others = await registerDevices(hub, OTHERS, { prefix: 'other', profile: 'env-sensor' });
    bench.note('connecting them');
    const calm = { port: portOf(hub), atOnce: CONNECT_AT_ONCE, withinMs: WITHIN_MS };
    await fleet.perform({ do: 'connect', devices, ...calm });

    bench.note('cut, and all at once');
    const cut = await storm(bench, { hub, fleet, others, stalls });
    await fleet.perform({ do: 'cut' });
    bench.note(`all in after ${Math.round(cut.fleet.lastMs)} ms; the hub is killed and started again`);
    await hub.stop('SIGKILL');
    hub = await HubProcess.start(start);
    const restarted = await storm(bench, { hub, fleet, others, stalls });
    return [
      ...measurements('cut', 'all connections reset, and all made anew at once', cut, count),
      ...measurements('hub restarted', 'hub killed and started, then all at once', restarted, count),
    ];
  },
};

/** Others send, the fleet comes, the others end when all are in. */
async function storm(
  bench: Bench,
  {
    hub,
    fleet,
    others,
    stalls,
  }: {
    hub: HubProcess;
    fleet: JobProcess<FleetJob, FleetReport>;
    others: readonly Credentials[];
    stalls: Stalls;
  },
): Promise<Storm> {
  const viewer = await openViewer(hub);
  const scraping = startScraping(hub);
  const load = new LoadProcess();
  bench.defer(() => load.close());
  await load.perform({ do: 'connect', url: deviceSocket(hub), devices: others, hello: true });
  await load.perform({ do: 'send', rate: OTHERS * RATE_OF_ONE, durationMs: LEAD_MS });
  await stalls.since(hub.pid);
  const cpuBefore = await cpuSeconds(hub.pid);
  const sending = load.perform({ do: 'send', rate: OTHERS * RATE_OF_ONE, durationMs: 2 * WITHIN_MS });
  const came = await fleet.perform({
    do: 'reconnect',
    port: portOf(hub),
    atOnce: Number.POSITIVE_INFINITY,
    withinMs: WITHIN_MS,
  });
  const cpu = (await cpuSeconds(hub.pid)) - cpuBefore;
  load.finish();
  const report = await sending;
  const seen = await stalls.since(hub.pid);
  load.close();
  scraping.close();
  viewer.close();
  return { fleet: came, others: report, stalls: seen, cpuSeconds: cpu };
}

function measurements(
  name: string,
  how: string,
  { fleet, others, stalls, cpuSeconds }: Storm,
  count: number,
): Measurement[] {
  const refusals = Object.entries(fleet.refused).map(([status, times]) => `${times} × HTTP ${status}`);
  const tries = `${fleet.failed} tries failed, refused: ${refusals.join(', ') || 'none'}`;
  const conditions = `${count} devices from one address, ${how}; without jitter, a handshake is given up after 5 s and tried again after 0.5 s; half were in after ${Math.round(fleet.p50Ms)} ms; ${tries}`;
  const load = `${OTHERS} others that send ${RATE_OF_ONE} msg/s each meanwhile; a viewer, DuckDB, the embedded broker`;
  const acks = others.latencyMs;
  return [
    {
      name: `${name}: all welcomed after`,
      value: fleet.in === count ? fleet.lastMs / 1_000 : Number.POSITIVE_INFINITY,
      unit: 's',
      target: 20,
      conditions,
    },
    {
      name: `${name}: event-loop stall p99`,
      value: stalls.p99,
      unit: 'ms',
      target: 200,
      conditions: `from the first connect to the last welcome, ${stalls.looks} looks; ${load}`,
    },
    {
      name: `${name}: CPU of the hub per device`,
      value: (cpuSeconds / count) * 1e6,
      unit: 'µs',
      target: null,
      conditions: `from the first connect to the last welcome, all threads; ${load}`,
    },
    { name: `${name}: event-loop stall max`, value: stalls.max, unit: 'ms', target: null, conditions: load },
    {
      name: `${name}: messages of others without an ack`,
      value: Math.max(0, others.sent - others.acked),
      unit: `of ${others.sent}`,
      target: 0,
      conditions: load,
    },
    {
      name: `${name}: ack latency of others p99`,
      value: acks?.p99 ?? Number.POSITIVE_INFINITY,
      unit: 'ms',
      target: null,
      conditions: `p50 ${acks?.p50.toFixed(1)} ms, max ${acks?.max.toFixed(1)} ms; ${load}`,
    },
    {
      name: `${name}: longest time without an ack`,
      value: others.longestSilenceMs ?? Number.POSITIVE_INFINITY,
      unit: 'ms',
      target: null,
      conditions: load,
    },
  ];
}

function portOf(hub: HubProcess): number {
  return Number(new URL(hub.url).port);
}
