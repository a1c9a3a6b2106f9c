import type { InfluxClient } from './client.js';
import { identifier } from './quoting.js';

/** A retention policy as it is in the database. */
export interface Policy {
  readonly name: string;
  /** How long it keeps readings; Infinity for ever. */
  readonly durationMs: number;
  readonly isDefault: boolean;
}

/** Remembers which policies are of the hub's own making (state/influx-rollups.ts). */
export interface MadePolicies {
  hasMade(policy: string): boolean;
  made(policy: string): void;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The policies of the database. @throws InfluxError `missing` when there is no such database */
export async function readPolicies(client: InfluxClient): Promise<Policy[]> {
  const rows = await client.rows(`SHOW RETENTION POLICIES ON ${identifier(client.target.database)}`);
  return rows.map(({ name, duration, default: isDefault }) => ({
    name: String(name),
    durationMs: goDuration(String(duration)),
    isDefault: isDefault === true,
  }));
}

/**
 * Sees to it that there is such a policy. One that differs is altered; but a policy that somebody else made is never
 * shortened, since that deletes what is in it.
 * @returns `made`, `as it should be`, or `left`: it keeps readings longer than it should
 */
export async function ensurePolicy(
  client: InfluxClient,
  memory: MadePolicies,
  found: Policy | undefined,
  { name, durationMs }: { name: string; durationMs: number },
): Promise<'made' | 'kept' | 'left'> {
  const on = `${identifier(name)} ON ${identifier(client.target.database)}`;
  const span = `DURATION ${influxDuration(durationMs)}`;
  const shard = `SHARD DURATION ${influxDuration(shardMs(durationMs))}`;
  if (found === undefined) {
    await client.query(`CREATE RETENTION POLICY ${on} ${span} REPLICATION 1 ${shard}`);
    memory.made(name);
    return 'made';
  }
  if (found.durationMs === durationMs) return 'kept';
  if (durationMs < found.durationMs && !memory.hasMade(name)) return 'left';
  await client.query(`ALTER RETENTION POLICY ${on} ${span} ${shard}`);
  return 'kept';
}

/** How much time one shard group covers: what InfluxDB itself takes for such a policy. */
function shardMs(durationMs: number): number {
  if (durationMs < 2 * DAY_MS) return HOUR_MS;
  return durationMs < 180 * DAY_MS ? DAY_MS : 7 * DAY_MS;
}

function influxDuration(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'INF' : `${Math.ceil(ms / 1000)}s`;
}

/** `168h0m0s`, as InfluxDB shows it; `0s` is for ever. */
function goDuration(text: string): number {
  const [, h = 0, m = 0, s = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)?$/.exec(text) ?? [];
  const ms = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000;
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
