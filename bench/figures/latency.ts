import type { Figure } from '../figure.js';
import { startLoadedHub } from '../hub/loaded-hub.js';

const CONNECTIONS = 200;
const RATE = 10_000;

/** How long a device waits for the ack of what it sent. */
export const latency: Figure = {
  name: 'latency',
  title: 'Ack latency',
  async run(bench) {
    const { load } = await startLoadedHub(bench, CONNECTIONS);
    const durationMs = bench.quick ? 5_000 : 20_000;
    bench.note('warming up');
    await load.perform({ do: 'send', rate: RATE, durationMs: 3_000 });
    const { latencyMs, sent, acked } = await load.perform({ do: 'send', rate: RATE, durationMs });
    if (latencyMs === null || acked < sent)
      throw new Error(`${sent - acked} of ${sent} messages were not acked`);
    const conditions = `${RATE} msg/s over ${CONNECTIONS} sockets for ${durationMs / 1_000} s; from send() to the ack in another process; with a viewer and DuckDB`;
    return [
      { name: 'ack latency p50', value: latencyMs.p50, unit: 'ms', target: 8, conditions },
      { name: 'ack latency p99', value: latencyMs.p99, unit: 'ms', target: 25, conditions },
      { name: 'ack latency max', value: latencyMs.max, unit: 'ms', target: null, conditions },
    ];
  },
};
