import { Devices } from '../../hub/src/devices/devices.js';
import { Registry } from '../../hub/src/devices/registry.js';
import { InfluxHistory } from '../../hub/src/history/influx-history.js';
import { InfluxClient } from '../../hub/src/sinks/influx/client.js';
import type { InfluxTarget } from '../../hub/src/sinks/influx/connection.js';
import { Fields } from '../../hub/src/sinks/influx/fields.js';
import { InfluxSink } from '../../hub/src/sinks/influx/influx-sink.js';
import { measurementOf } from '../../hub/src/sinks/influx/measurement.js';
import { InfluxAdmin, type InfluxWishes } from '../../hub/src/sinks/influx/server.js';
import { WriteClient } from '../../hub/src/sinks/influx/write-client.js';
import { InfluxFields } from '../../hub/src/state/influx-fields.js';
import { InfluxRollups } from '../../hub/src/state/influx-rollups.js';
import { StateFile } from '../../hub/src/state/state-file.js';
import { packBatch, type Reading } from '../../journal/src/index.js';
import type { Profile } from '../../protocol/src/index.js';
import { tempDir } from './temp-dir.js';

export const NO_WISHES: InfluxWishes = { rawMs: null, rawMsOf: new Map(), rollups: null };
const FOR_EVER = Number.POSITIVE_INFINITY;
export const ROLLUPS: InfluxWishes = { ...NO_WISHES, rollups: { '1m': FOR_EVER, '1h': FOR_EVER } };

export interface PartsOptions {
  readonly url: string;
  readonly database?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly wishes?: InfluxWishes;
  readonly now?: () => number;
  /** Where the state file is; a directory of its own without. */
  readonly directory?: string;
  readonly timeoutMs?: number;
  /** Tags of the registry that are written. */
  readonly tags?: readonly string[];
  readonly gzip?: boolean;
  readonly profiles?: ReadonlyMap<string, Profile>;
}

/** The parts of a hub that talk to InfluxDB, without the rest of it. */
export function influxParts(options: PartsOptions) {
  const directory = options.directory === undefined ? tempDir('influx-parts') : undefined;
  const state = StateFile.open(`${options.directory ?? directory?.path}/state.sqlite`);
  const now = options.now ?? Date.now;
  const target: InfluxTarget = {
    url: new URL(options.url),
    database: options.database ?? 'fieldline',
    headers: options.headers ?? {},
    timeoutMs: options.timeoutMs ?? 10_000,
  };
  const registry = Registry.open(state);
  const devices = new Devices({ registry, profiles: options.profiles ?? new Map(), types: [], now });
  devices.open();
  const { tags = [], gzip = false } = options;
  const fields = new Fields(new InfluxFields(state), tags);
  fields.open();
  const told: string[] = [];
  const log = {
    info: (...said: unknown[]) => void told.push(`info ${said.map(String).join(' ')}`),
    warn: (...said: unknown[]) => void told.push(`warn ${said.map(String).join(' ')}`),
  };
  const client = new InfluxClient(target);
  const admin = new InfluxAdmin({
    ...{ client, fields, log, now },
    wishes: options.wishes ?? NO_WISHES,
    records: new InfluxRollups(state, target.database),
    tickMs: 3_600_000,
  });
  const sink = new InfluxSink({
    ...{ admin, devices, fields, tags },
    client: new WriteClient({ target, gzip }),
    onWritten: (measurement, ranges) => admin.written(measurement, ranges),
  });
  const history = new InfluxHistory({
    ...{ client, admin, fields, now },
    measurementOf: (device) => measurementOf(devices.get(device)),
    leastRows: 1,
  });
  let offset = 0;
  return {
    ...{ admin, client, fields, history, registry, sink, told },
    async write(readings: readonly Reading[]) {
      const first = offset + 1;
      offset += readings.length;
      const packed = packBatch({ readings, ranges: [] });
      const entry = { first, last: offset, packed, readings: () => readings };
      return sink.write([entry], new AbortController().signal);
    },
    async close() {
      await sink.close();
      await admin.close();
      state.close();
      directory?.remove();
    },
  };
}
