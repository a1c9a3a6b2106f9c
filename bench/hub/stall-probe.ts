import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into the hub's process by `--import`, before the hub: Node's own monitor of the event loop, which asks
 * every 10 ms and costs nothing that could be measured. At each SIGUSR2 it writes down what it saw since the
 * one before (hub/stalls.ts).
 */

const RESOLUTION_MS = 10;
const file = process.env.BENCH_STALLS_FILE;

if (file !== undefined) {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  process.on('SIGUSR2', () => {
    // The histogram holds times between two looks, in ns: what is beyond the period is the stall.
    const stallMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    const { percentile, max } = {
      percentile: (at: number) => stallMs(monitor.percentile(at)),
      max: stallMs(monitor.max),
    };
    const seen = { looks: monitor.count, p50: percentile(50), p99: percentile(99), max };
    monitor.reset();
    writeFileSync(`${file}.part`, JSON.stringify(seen));
    renameSync(`${file}.part`, file);
  });
}
