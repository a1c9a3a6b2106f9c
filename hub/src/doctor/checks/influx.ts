import { InfluxClient } from '../../sinks/influx/client.js';
import { influxTarget } from '../../sinks/influx/connection.js';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import { readPolicies } from '../../sinks/influx/schema-policies.js';
import { askKind } from '../../sinks/influx/server-kind.js';
import { type Finding, fail, ok, skip, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const DAY_MS = 86_400_000;

const REMEDIES: Readonly<Record<string, string>> = {
  network: 'Start InfluxDB, or correct influx.url; until then the journal keeps everything.',
  timeout: 'InfluxDB is too busy, or its disk too slow: look at it; until then the journal keeps everything.',
  credentials: 'Correct influx.username and influx.password, or influx.token, and restart the hub.',
  missing: 'The hub makes the database when it starts with a user who may; else CREATE DATABASE by hand.',
};

/** What InfluxDB is there, and whether it keeps readings for as long as the configuration says. */
export async function checkInflux({ config, hub }: Scene): Promise<Finding[]> {
  const { influx } = config;
  if (influx.url === null) {
    const isElsewhere = hub.isThere && 'influx' in hub.readiness.sinks;
    const where = isElsewhere
      ? 'the hub writes to InfluxDB; this shell does not know its address (influx.url)'
      : 'the history is in the hub (influx.url is not set)';
    return [skip('influxdb', where)];
  }
  const client = new InfluxClient(influxTarget(influx));
  try {
    const { kind, version } = await askKind(client);
    if (kind === 'victoriametrics' || kind === 'unknown') {
      const message = `what answers at influx.url is not InfluxDB (${kind}): readings are written, and cannot be read back`;
      return [
        warn(
          'influxdb',
          'not_influxdb',
          message,
          'Leave influx.url out for a history in the hub, or use InfluxDB.',
        ),
      ];
    }
    const found = ok('influxdb', `${kind} ${version}, database ${influx.database}`);
    if (kind !== 'influxdb-1') return [found];
    return [found, retention(await readPolicies(client), influx.retentionDays)];
  } catch (error) {
    if (!(error instanceof InfluxError)) throw error;
    const remedy = REMEDIES[error.kind] ?? 'See docs/influxdb.md.';
    return [fail('influxdb', `influx_${error.kind}`, error.message, remedy)];
  } finally {
    client.close();
  }
}

function retention(
  policies: readonly { readonly name: string; readonly durationMs: number; readonly isDefault: boolean }[],
  days: number,
): Finding {
  const policy = policies.find(({ isDefault }) => isDefault);
  if (policy === undefined) {
    const remedy = 'ALTER RETENTION POLICY … DEFAULT: without one nothing can be written.';
    return fail('retention', 'no_default_policy', 'the database has no default retention policy', remedy);
  }
  const { durationMs, name } = policy;
  const keeps = Number.isFinite(durationMs) ? `${(durationMs / DAY_MS).toFixed(1)} days` : 'everything';
  if (days > 0 && durationMs !== days * DAY_MS) {
    const message = `its default policy ${name} keeps ${keeps}, and influx.retentionDays says ${days}`;
    const remedy =
      'The hub never shortens a policy that it has not made: ALTER RETENTION POLICY by hand (docs/influxdb.md).';
    return warn('retention', 'retention_differs', message, remedy);
  }
  return ok('retention', `its default policy ${name} keeps ${keeps}`);
}
