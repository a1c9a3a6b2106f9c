import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import type { Devices } from '../devices/devices.js';
import { DuckDbSink } from '../sinks/duckdb/sink.js';
import { DuckDbStore } from '../sinks/duckdb/store.js';
import type { Sink } from '../sinks/sink.js';
import type { Storage } from '../storage.js';
import { DuckDbHistory } from './duckdb-history.js';
import type { History } from './history.js';
import { openInflux } from './open-influx.js';

export interface OpenHistoryOptions {
  readonly config: Config;
  readonly storage: Storage;
  readonly devices: Devices;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly log: FastifyBaseLogger;
}

/** Where readings are kept for good: the way in, and the way back. */
export interface OpenHistory {
  readonly sink: Sink;
  readonly history: History;
  /** The embedded history; null where it is in InfluxDB. */
  readonly embedded: DuckDbStore | null;
  /** To be called after the sink was closed. */
  close(): Promise<void>;
}

/** Opens the history that the configuration names: InfluxDB with `influx.url`, else the embedded DuckDB. */
export async function openHistory(options: OpenHistoryOptions): Promise<OpenHistory> {
  const { config, storage, log } = options;
  const path = join(storage.directory, 'history.duckdb');
  if (config.influx.url !== null) {
    if (existsSync(path)) {
      log.info(
        { path },
        'readings go to InfluxDB; the embedded history stays as it is, and is read again when influx.url is left out',
      );
    }
    return { ...(await openInflux(options)), embedded: null };
  }
  const store = new DuckDbStore({
    path,
    memory: config.duckdb.memory,
    retentionDays: config.duckdb.retentionDays,
    log,
  });
  await store.open();
  return {
    sink: new DuckDbSink(store, storage.journal),
    history: new DuckDbHistory(store),
    embedded: store,
    close: () => store.close(),
  };
}
