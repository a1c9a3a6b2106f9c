import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { requireTool } from './require-tool.js';
import { tempDir } from './temp-dir.js';

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

/** A real influxd 1.x with a data directory of its own, on ports that stay the same until it is disposed of. */
export class Influxd {
  readonly #options: InfluxdOptions;
  readonly #directory = tempDir('influxd');
  #httpPort = 0;
  #rpcPort = 0;
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #output = new LineReader();

  constructor(options: InfluxdOptions = {}) {
    this.#options = options;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://127.0.0.1:${this.#httpPort}`;
  }

  /** Where `data`, `wal` and `meta` are. */
  get directory(): string {
    return this.#directory.path;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What it printed: warnings and errors. */
  get output(): LineReader {
    return this.#output;
  }

  /** Starts it, for the first time or again with the same data on the same port. Resolves when it answers. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const isNew = this.#httpPort === 0;
      if (isNew) [this.#httpPort, this.#rpcPort] = await freePorts();
      this.#spawn();
      if (await deadline(this.#isUp(), () => `influxd to answer:\n${this.#output.tail()}`, 60_000)) return;
      // Somebody else may have taken a port between our looking and its binding.
      if (!isNew || tries === 3) throw new Error(`influxd ended at its start:\n${this.#output.tail()}`);
      this.#httpPort = 0;
    }
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await deadline(this.#exit, () => `influxd to stop:\n${this.#output.tail()}`, 60_000);
  }

  /** Pulls the plug, as far as a process can feel it. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Stops it and starts it again: same data, same port. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Lets its connections hang: it neither answers nor resets them until {@link thaw}. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Takes from its data directory, or gives back, the right to write. Files that are open stay as they are. */
  setWritable(isWritable: boolean): void {
    if (!isWritable && this.#user === undefined && process.getuid?.() === 0)
      throw new Error('a file mode does not bind root: start influxd unprivileged');
    execFileSync('chmod', ['-R', isWritable ? 'u+w' : 'a-w', this.directory]);
  }

  /** Ends it, whatever state it is in, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill9();
    this.#directory.remove();
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

  #spawn(): void {
    if (this.#user !== undefined) chownSync(this.directory, NOBODY.uid, NOBODY.gid);
    const child = spawn('influxd', ['-config', '/dev/null'], {
      ...this.#user,
      cwd: this.directory,
      env: { PATH: process.env.PATH, HOME: this.directory, ...this.#environment(), ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close').finally(() => process.off('exit', killWithUs));
  }

  #environment(): Record<string, string> {
    return {
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${this.#rpcPort}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${this.#httpPort}`,
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_META_DIR: `${this.directory}/meta`,
      INFLUXDB_DATA_DIR: `${this.directory}/data`,
      INFLUXDB_DATA_WAL_DIR: `${this.directory}/wal`,
      INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_LOGGING_LEVEL: 'warn',
    };
  }

  /** Whether it answers; false when it has ended instead. */
  async #isUp(): Promise<boolean> {
    let ended = false;
    void this.#exit.then(() => {
      ended = true;
    });
    while (!ended) {
      const answer = await fetch(`${this.url}/ping`).catch(() => undefined);
      // Whoever answers while our own process has ended is somebody else's.
      if (answer?.headers.has('x-influxdb-version') && !ended) return true;
      await sleep(20);
    }
    return false;
  }
}

/** Starts an influxd that answers. The caller disposes of it. */
export async function startInfluxd(options: InfluxdOptions = {}): Promise<Influxd> {
  const influxd = new Influxd(options);
  try {
    await influxd.start();
    return influxd;
  } catch (error) {
    await influxd.dispose();
    throw error;
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    ports.push(typeof address === 'object' && address !== null ? address.port : 0);
  }
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}
