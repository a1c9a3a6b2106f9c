import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const DOCS = 'docs/operations.md';

const SINK_REMEDIES: Readonly<Record<string, string>> = {
  influx: `See whether InfluxDB runs, and its user, password and database (${DOCS}, "When InfluxDB is away").`,
  mqtt: 'See whether the broker runs, and its address, user and password (mqtt.url).',
  duckdb: `See the log of the hub, and the free space of its disk (${DOCS}, "When a file is damaged").`,
};
/** A sink that is away for a moment is no news. */
const LAG_MS = 60_000;

/** Whether what was taken arrives where it belongs. */
export function checkSinks({ hub, nowMs }: Scene): Finding[] {
  if (!hub.isThere) return [skip('sinks', 'only the hub knows')];
  return Object.entries(hub.readiness.sinks).map(([name, { state, lag, oldest, error, skipped }]) => {
    const check = `sink ${name}`;
    const remedy = SINK_REMEDIES[name] ?? 'See the log of the hub.';
    const reason = error === undefined ? '' : `: ${error}`;
    const behind = `${lag} readings wait, the oldest for ${Math.round((nowMs - (oldest ?? nowMs)) / 1_000)} s`;
    if (state === 'holding')
      return fail(check, 'sink_holding', `it holds until somebody acts, ${behind}${reason}`, remedy);
    if (state === 'retrying')
      return fail(check, 'sink_away', `it cannot be written, ${behind}${reason}`, remedy);
    if (oldest !== null && nowMs - oldest > LAG_MS)
      return warn(check, 'sink_behind', `${behind}${reason}`, remedy);
    if (skipped > 0) {
      const told = `${skipped} readings were given up for it while it was away; the history has them`;
      return warn(check, 'sink_skipped', told, remedy);
    }
    return ok(check, `${state}, ${lag} readings wait`);
  });
}
