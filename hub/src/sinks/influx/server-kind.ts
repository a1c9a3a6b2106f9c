import type { InfluxClient, Pong } from './client.js';
import { answeredWith, InfluxError } from './influx-error.js';

/** What answers under `influx.url`. */
export interface InfluxServer {
  readonly kind: 'influxdb-1' | 'influxdb-2' | 'influxdb-3' | 'victoriametrics' | 'unknown';
  /** As it says itself; empty where it does not. */
  readonly version: string;
}

/**
 * Asks the server what it is. 1.x and 2.x answer `/ping` with 204 and `X-Influxdb-Version` (`1.6.7`, `v2.7.1`), 3.x with
 * 200 and JSON. VictoriaMetrics answers every query with names of databases, whatever was asked.
 * @throws InfluxError `network`, `timeout`, `credentials`, `server`
 */
export async function askKind(client: InfluxClient): Promise<InfluxServer> {
  const pong = await client.ping();
  // Servers that want a token for /ping too say so; one that has no /ping may still take the rest.
  if (pong.status >= 400 && pong.status !== 404) throw answeredWith(pong.status, pong.body);
  const version = versionOf(pong);
  const [, major] = /^v?(\d+)\./.exec(version) ?? [];
  if (major === '2') return { kind: 'influxdb-2', version };
  if (major === '3') return { kind: 'influxdb-3', version };
  if (await answersWithDatabases(client)) return { kind: 'victoriametrics', version };
  return { kind: major === '1' ? 'influxdb-1' : 'unknown', version };
}

function versionOf({ headers, body }: Pong): string {
  const version = headers.get('x-influxdb-version');
  if (version !== null) return version.slice(0, 64);
  try {
    const { version: told } = JSON.parse(body) as { version?: unknown };
    return typeof told === 'string' ? told.slice(0, 64) : '';
  } catch {
    return '';
  }
}

async function answersWithDatabases(client: InfluxClient): Promise<boolean> {
  try {
    const [series = []] = await client.query('SHOW MEASUREMENTS LIMIT 1');
    return series.some(({ name }) => name === 'databases');
  } catch (error) {
    // There may be no such database yet, or no right to read.
    if (error instanceof InfluxError && (error.kind === 'missing' || error.kind === 'refused')) return false;
    throw error;
  }
}
