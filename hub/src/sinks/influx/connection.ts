import type { Config } from '../../config.js';
import { urlCredential } from '../url-credential.js';

/** Where InfluxDB is, and what every request to it carries. */
export interface InfluxTarget {
  /** Without credentials. It may have a path, where InfluxDB stands behind a proxy. */
  readonly url: URL;
  /** The database, or the bucket of version 2. */
  readonly database: string;
  /** `Authorization`, if any. A secret: it belongs into no log. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long any request may take. */
  readonly timeoutMs: number;
}

/**
 * The target that the configuration names. A token counts before user name and password, and those before
 * what stands in the URL; without any of them nothing is sent.
 */
export function influxTarget(config: Config['influx']): InfluxTarget {
  if (config.url === null) throw new Error('influx.url is not set');
  const url = new URL(config.url);
  const named = credentials(config.username, config.password);
  const inUrl = credentials(urlCredential(url.username), urlCredential(url.password));
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  const authorization = config.token !== null ? `Token ${config.token}` : (named ?? inUrl);
  return {
    url,
    database: config.database,
    headers: authorization === undefined ? {} : { Authorization: authorization },
    timeoutMs: config.timeoutMs,
  };
}

/** The address of an end point such as `/write`, behind the target's own path. */
export function endpoint(target: InfluxTarget, path: string): URL {
  const url = new URL(target.url);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}

function credentials(username: string | null, password: string | null): string | undefined {
  if (!username && !password) return undefined;
  return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`;
}
