import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Figure, Measurement } from '../figure.js';
import { registerDevices } from '../hub/devices.js';
import { deviceSocket, startLoadedHub } from '../hub/loaded-hub.js';
import { MetricsText } from '../hub/metrics.js';
import { LoadProcess } from '../load/load-process.js';
import { memoryBytes } from '../process-stats.js';

/** One that sends as fast as it can, and as many as would make a hub without flow control swallow all. */
const SENDERS = [1, 200];
const PROBE_RATE = 50;
/** The probe sends only while the flood is on. */
const MARGIN_MS = 500;

/** Senders that ignore every limit, and what a well-behaved device beside them notices. */
export const saturation: Figure = {
  name: 'saturation',
  title: 'Saturating senders',
  async run(bench) {
    const measurements: Measurement[] = [];
    for (const senders of SENDERS) {
      bench.note(`${senders} senders`);
      measurements.push(...(await flood(bench, senders)));
    }
    return measurements;
  },
};

async function flood(bench: Bench, senders: number): Promise<Measurement[]> {
  const { hub, load, close } = await startLoadedHub(bench, senders);
  const probe = new LoadProcess();
  bench.defer(() => probe.close());
  const devices = await registerDevices(hub, 1, { prefix: 'probe', profile: 'env-sensor' });
  await probe.perform({ do: 'connect', url: deviceSocket(hub), devices, hello: true });
  const durationMs = bench.quick ? 5_000 : 20_000;

  const before = await MetricsText.read(hub);
  const [flooded, calm] = await Promise.all([
    load.perform({ do: 'saturate', durationMs }),
    delay(MARGIN_MS).then(() =>
      probe.perform({ do: 'send', rate: PROBE_RATE, durationMs: durationMs - 2 * MARGIN_MS }),
    ),
  ]);
  const after = await MetricsText.read(hub);
  const { peak } = await memoryBytes(hub.pid);
  await close();
  if (calm.latencyMs === null) throw new Error('the probe got no ack');

  const syncs = (bucket: string) => {
    const series = `fieldline_journal_sync_seconds_bucket{le="${bucket}"}`;
    return after.value(series) - before.value(series);
  };
  const rate = Math.round((flooded.acked / flooded.elapsedMs) * 1_000);
  const who = senders === 1 ? 'one sender' : `${senders} senders`;
  const conditions = `${who} as fast as TCP takes it, without regard to the window, for ${durationMs / 1_000} s: ${rate} msg/s acked`;
  return [
    {
      name: `syncs slower than 100 ms, ${who}`,
      value: syncs('+Inf') - syncs('0.1'),
      unit: `of ${syncs('+Inf')}`,
      target: 0,
      conditions: `${conditions}; from fieldline_journal_sync_seconds`,
    },
    {
      name: `longest time without an ack, ${who}`,
      value: flooded.longestSilenceMs ?? Number.POSITIVE_INFINITY,
      unit: 'ms',
      target: 100,
      conditions: `${conditions}; between two acks in a row to whatever sender: while acks come, commits do`,
    },
    {
      name: `ack latency of a device beside ${who}, max`,
      value: calm.latencyMs.max,
      unit: 'ms',
      // Beside many, it waits for its turn among them: that is fairness, not the delay of a commit.
      target: senders === 1 ? 100 : null,
      conditions: `${conditions}; ${PROBE_RATE} msg/s from a process of its own`,
    },
    {
      name: `peak RSS, ${who}`,
      value: peak / 1e6,
      unit: 'MB',
      target: 250,
      conditions: `${conditions}; VmHWM, of which about 75 MB are the programs' own pages`,
    },
  ];
}
