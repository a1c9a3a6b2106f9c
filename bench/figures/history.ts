import { join } from 'node:path';
import type { Figure } from '../figure.js';
import { registerDevices } from '../hub/devices.js';
import type { HubProcess } from '../hub/hub-process.js';
import { startLoadedHub } from '../hub/loaded-hub.js';
import { sinkCaughtUp } from '../hub/metrics.js';
import { seedDevice, seedJournal } from '../hub/seed-journal.js';
import { percentile } from '../percentile.js';

const POINTS = 10_000_000;
const METRICS = 5;
const SEEDED_DEVICES = 200;
/** 10,000 readings a series, ten seconds apart: a little more than a day. */
const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
const CONNECTIONS = 200;
const RATE = 20_000;
const BUCKETS = 500;

/** A chart of a day, asked for while the hub is busy. */
export const history: Figure = {
  name: 'history',
  title: 'A day of one series in 500 buckets',
  async run(bench) {
    const data = await bench.directory('data');
    const points = bench.quick ? POINTS / 10 : POINTS;
    bench.note(`writing ${points} points`);
    await seedJournal(join(data, 'journal'), {
      stop: { readings: points / METRICS },
      devices: SEEDED_DEVICES,
      everyMs: EVERY_MS,
    });
    const { hub, load } = await startLoadedHub(bench, CONNECTIONS, { data });
    await introduceSeeded(hub);
    bench.note('waiting for the history to take them in');
    await sinkCaughtUp(hub, 'duckdb', 180_000);

    const durationMs = bench.quick ? 5_000 : 20_000;
    const calm = await queries(hub, durationMs / 4);
    const [{ sent, acked }, { took, found }] = await Promise.all([
      load.perform({ do: 'send', rate: RATE, durationMs }),
      queries(hub, durationMs),
    ]);
    const conditions = `${points} points of ${SEEDED_DEVICES * METRICS} series, seeded through the journal and written by the sink itself; ${took.length} queries of the last 24 h in ${BUCKETS} buckets, one after the other, over HTTP, each of another series (${Math.round(found)} points an answer), while ${RATE} msg/s went in (${acked} of ${sent} acked)`;
    return [
      { name: 'history query p50', value: percentile(took, 0.5), unit: 'ms', target: 6, conditions },
      {
        name: 'history query p50, nothing else going on',
        value: percentile(calm.took, 0.5),
        unit: 'ms',
        target: null,
        conditions: `${calm.took.length} of the same queries, just before`,
      },
      { name: 'history query p99', value: percentile(took, 0.99), unit: 'ms', target: null, conditions },
    ];
  },
};

/** The journal knows the seeded devices, the registry does not: each is registered and sends a reading now. */
async function introduceSeeded(hub: HubProcess): Promise<void> {
  const devices = await registerDevices(hub, SEEDED_DEVICES, { prefix: 'seed', profile: 'env-sensor' });
  for (const { id, token } of devices) {
    await hub.api('POST', `/api/v1/ingest/${id}`, { values: { temperature: 21 } }, token);
  }
}

/** Asks until nearly `durationMs` have passed; times in ms, and the mean number of points in an answer. */
async function queries(hub: HubProcess, durationMs: number): Promise<{ took: number[]; found: number }> {
  const took: number[] = [];
  let points = 0;
  const endMs = performance.now() + durationMs - 1_000;
  for (let at = 0; performance.now() < endMs; at += 1) {
    const to = Date.now();
    const device = seedDevice((at * 7) % SEEDED_DEVICES);
    const query = `metric=temperature&from=${to - DAY_MS}&to=${to}&points=${BUCKETS}`;
    const startedMs = performance.now();
    const answer = await hub.api('GET', `/api/v1/devices/${device}/telemetry?${query}`);
    took.push(performance.now() - startedMs);
    points += pointsOf(answer);
    // Not back to back: a page asks now and then, and the hub has devices to serve.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { took, found: points / took.length };
}

function pointsOf(answer: unknown): number {
  if (typeof answer !== 'object' || answer === null || !('points' in answer)) return 0;
  return Array.isArray(answer.points) ? answer.points.length : 0;
}
