import type { FastifyBaseLogger } from 'fastify';
import type { InfluxClient } from './client.js';
import { InfluxError, sinkErrorOf } from './influx-error.js';
import { identifier } from './quoting.js';
import { askKind, type InfluxServer } from './server-kind.js';

export type { InfluxServer } from './server-kind.js';

export interface InfluxAdminOptions {
  readonly client: InfluxClient;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
}

/** Makes what the hub needs in InfluxDB, and knows what it is talking to. */
export class InfluxAdmin {
  readonly #options: InfluxAdminOptions;
  #server: InfluxServer | null = null;

  constructor(options: InfluxAdminOptions) {
    this.#options = options;
  }

  /** What answered at the last `open`; null before the first one that did not fail. */
  get server(): InfluxServer | null {
    return this.#server;
  }

  /**
   * Asks the server what it is, and makes what is not there: database, retention policies, rollups. May be called again at
   * any time, such as after the database was deleted.
   * @throws SinkError `network`, `overload`, `credentials` (also for missing rights)
   */
  async open(): Promise<InfluxServer> {
    try {
      const server = await askKind(this.#options.client);
      await this.#makeDatabase(server);
      this.#server = server;
      return server;
    } catch (error) {
      throw sinkErrorOf(error);
    }
  }

  /** The retention policy that readings of a measurement are written to; undefined for the database's default. */
  retentionPolicyOf(_measurement: string): string | undefined {
    return undefined;
  }

  close(): void {
    this.#options.client.close();
  }

  async #makeDatabase({ kind }: InfluxServer): Promise<void> {
    if (kind === 'victoriametrics') return;
    const { client } = this.#options;
    const database = identifier(client.target.database);
    if (kind === 'influxdb-1' && (await this.#exists())) return;
    try {
      await client.query(`CREATE DATABASE ${database}`);
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      const isTold = error.kind === 'refused' || error.kind === 'missing';
      // Versions 2 and 3 make their buckets elsewhere: a write says whether it is there.
      if (kind === 'influxdb-1' || !isTold) throw error;
    }
  }

  async #exists(): Promise<boolean> {
    const { client } = this.#options;
    try {
      await client.query(`SHOW RETENTION POLICIES ON ${identifier(client.target.database)}`);
      return true;
    } catch (error) {
      if (error instanceof InfluxError && error.kind === 'missing') return false;
      throw error;
    }
  }
}
