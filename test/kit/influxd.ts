import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireTool } from './require-tool.js';
import { ServerProcess, started } from './server-process.js';

/** Whether Debian's InfluxDB 1.x is there; see {@link requireTool}. */
export function requireInfluxd(): boolean {
  return requireTool('influxd', 'influxdb', ['influxd', 'version']);
}

export interface InfluxdOptions {
  /** Settings beyond the usual, as influxd reads them: `{ INFLUXDB_HTTP_AUTH_ENABLED: 'true' }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sent with every {@link Influxd.query} and {@link Influxd.write}, where it asks for authentication. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Runs it as nobody where the tester is root, whom no file mode binds: {@link Influxd.setWritable} needs it. */
  readonly unprivileged?: boolean;
}

/** Debian's numbers of the user `nobody` and the group `nogroup`. */
const NOBODY = { uid: 65_534, gid: 65_534 } as const;

/** One series of an answer, as InfluxDB's JSON has it. Times are microseconds since 1970. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** A real influxd 1.x. Its directory holds `data`, `wal` and `meta`. */
export class Influxd extends ServerProcess {
  readonly #options: InfluxdOptions;

  constructor(options: InfluxdOptions = {}) {
    super('influxd');
    this.#options = options;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://127.0.0.1:${this.portAt(0)}`;
  }

  /** Takes from its data directory, or gives back, the right to write. Files that are open stay as they are. */
  setWritable(isWritable: boolean): void {
    if (!isWritable && this.#user === undefined && process.getuid?.() === 0)
      throw new Error('a file mode does not bind root: start influxd unprivileged');
    execFileSync('chmod', ['-R', isWritable ? 'u+w' : 'a-w', this.directory]);
  }

  /**
   * The series that answer a statement, of all its results.
   * @throws Error with InfluxDB's own words when it refuses
   */
  async query(statement: string, database?: string): Promise<readonly InfluxSeries[]> {
    const answer: unknown = JSON.parse(await this.queryText(statement, database));
    const { results = [] } = answer as { results?: { error?: string; series?: InfluxSeries[] }[] };
    for (const { error } of results) if (error !== undefined) throw new Error(`${statement}: ${error}`);
    return results.flatMap(({ series = [] }) => series);
  }

  /** As {@link query}, as the text of the answer: JSON numbers beyond 2^53 keep their digits. */
  async queryText(statement: string, database?: string): Promise<string> {
    const path = `/query?${new URLSearchParams({ epoch: 'u', ...(database && { db: database }) })}`;
    const { status, body } = await this.post(path, new URLSearchParams({ q: statement }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    if (status !== 200) throw new Error(`${statement}: ${status} ${body}`);
    return body;
  }

  /** Writes lines past the hub; timestamps in microseconds. @throws Error with InfluxDB's own words */
  async write(database: string, lines: string, retentionPolicy?: string): Promise<void> {
    const parameters = { db: database, precision: 'u', ...(retentionPolicy && { rp: retentionPolicy }) };
    const { status, body } = await this.post(`/write?${new URLSearchParams(parameters)}`, lines);
    if (status !== 204) throw new Error(`write: ${status} ${body}`);
  }

  /** One request on a connection of its own, so that restarts of the server leave no dead ones behind. */
  async post(path: string, body: string, headers: Readonly<Record<string, string>> = {}) {
    const { credentials } = this.#options;
    const auth = credentials && `${credentials.username}:${credentials.password}`;
    const call = request(`${this.url}${path}`, {
      method: 'POST',
      agent: false,
      timeout: 20_000,
      headers,
      ...(auth && { auth }),
    });
    call.on('timeout', () => call.destroy(new Error('influxd did not answer within 20 s')));
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
  }

  get #user(): typeof NOBODY | undefined {
    return this.#options.unprivileged && process.getuid?.() === 0 ? NOBODY : undefined;
  }

  protected command() {
    if (this.#user !== undefined) chownSync(this.directory, NOBODY.uid, NOBODY.gid);
    const env = {
      PATH: process.env.PATH,
      HOME: this.directory,
      ...this.#environment(),
      ...this.#options.env,
    };
    return {
      argv: ['influxd', '-config', '/dev/null'],
      options: { ...this.#user, cwd: this.directory, env },
    };
  }

  protected async isUp(): Promise<boolean> {
    const { pid } = this;
    while (this.pid === pid) {
      const answer = await fetch(`${this.url}/ping`).catch(() => undefined);
      if (answer?.headers.has('x-influxdb-version')) return true;
      await sleep(20);
    }
    return false;
  }

  #environment(): Record<string, string> {
    return {
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${this.portAt(1)}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${this.portAt(0)}`,
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_META_DIR: `${this.directory}/meta`,
      INFLUXDB_DATA_DIR: `${this.directory}/data`,
      INFLUXDB_DATA_WAL_DIR: `${this.directory}/wal`,
      INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_LOGGING_LEVEL: 'warn',
    };
  }
}

/** Starts an influxd that answers. The caller disposes of it. */
export function startInfluxd(options: InfluxdOptions = {}): Promise<Influxd> {
  return started(new Influxd(options));
}
