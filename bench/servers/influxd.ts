import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { ServerProcess } from './server-process.js';

/** A real influxd 1.x (Debian: influxdb) with data of its own. */
export class Influxd {
  readonly url: string;
  readonly #server: ServerProcess;

  private constructor(url: string, server: ServerProcess) {
    this.url = url;
    this.#server = server;
  }

  /** Starts one on a free port, with its data in `directory`. As Debian configures it, but for logs of requests. */
  static async start(directory: string): Promise<Influxd> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const server = new ServerProcess({
      name: 'influxd',
      command: 'influxd',
      args: ['-config', '/dev/null'],
      env: {
        INFLUXDB_REPORTING_DISABLED: 'true',
        INFLUXDB_BIND_ADDRESS: `127.0.0.1:${await freePort()}`,
        INFLUXDB_HTTP_BIND_ADDRESS: url.replace('http://', ''),
        INFLUXDB_HTTP_LOG_ENABLED: 'false',
        INFLUXDB_META_DIR: join(directory, 'meta'),
        INFLUXDB_DATA_DIR: join(directory, 'data'),
        INFLUXDB_DATA_WAL_DIR: join(directory, 'wal'),
        INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
        INFLUXDB_MONITOR_STORE_ENABLED: 'false',
        INFLUXDB_LOGGING_LEVEL: 'warn',
      },
      isUp: async () => (await fetch(`${url}/ping`)).status === 204,
    });
    const influxd = new Influxd(url, server);
    await influxd.restart();
    return influxd;
  }

  get pid(): number {
    return this.#server.pid;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Starts it again with what it had. */
  restart(): Promise<void> {
    return this.#server.start();
  }

  kill(): void {
    this.#server.kill();
  }

  async createDatabase(name: string): Promise<void> {
    await this.#query(`CREATE DATABASE ${name}`, name);
  }

  /** How many points of `measurements` (a regular expression) have the field: each reading is one point. */
  async count(database: string, field: string, measurements: string): Promise<number> {
    const { results } = await this.#query(`SELECT count("${field}") FROM /^(${measurements})$/`, database);
    const counts = (results[0]?.series ?? []).map(({ values }) => Number(values[0]?.[1] ?? 0));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #query(statement: string, database: string): Promise<QueryAnswer> {
    const response = await fetch(`${this.url}/query?${new URLSearchParams({ db: database })}`, {
      method: 'POST',
      body: new URLSearchParams({ q: statement }),
    });
    const answer = (await response.json()) as QueryAnswer;
    const error = answer.error ?? answer.results[0]?.error;
    if (error !== undefined) throw new Error(`${statement}: ${error}`);
    return answer;
  }
}

interface QueryAnswer {
  readonly error?: string;
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly (readonly unknown[])[] }[];
  }[];
}
