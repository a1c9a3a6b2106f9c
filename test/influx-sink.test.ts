import { join } from 'node:path';
import type { Value } from '@fieldline/journal';
import { afterAll, beforeAll, describe } from 'vitest';
import { Devices } from '../hub/src/devices/devices.js';
import { Registry } from '../hub/src/devices/registry.js';
import { InfluxClient } from '../hub/src/sinks/influx/client.js';
import type { InfluxTarget } from '../hub/src/sinks/influx/connection.js';
import { Fields } from '../hub/src/sinks/influx/fields.js';
import { InfluxSink } from '../hub/src/sinks/influx/influx-sink.js';
import { InfluxAdmin } from '../hub/src/sinks/influx/server.js';
import { WriteClient } from '../hub/src/sinks/influx/write-client.js';
import { describeSink, type StoredValue } from '../hub/src/sinks/sink.contract.js';
import { InfluxFields } from '../hub/src/state/influx-fields.js';
import { InfluxRollups } from '../hub/src/state/influx-rollups.js';
import { StateFile } from '../hub/src/state/state-file.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';

const isThere = requireInfluxd();
let influxd: Influxd;

beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

const silent = { info: () => undefined, warn: () => undefined };

let databases = 0;
const databaseOf = new Map<string, string>();

async function connect(directory: string) {
  const database = databaseOf.get(directory) ?? `db${++databases}`;
  databaseOf.set(directory, database);
  const target: InfluxTarget = { url: new URL(influxd.url), database, headers: {}, timeoutMs: 10_000 };
  const state = StateFile.open(join(directory, 'state.sqlite'));
  const registry = Registry.open(state);
  const devices = new Devices({ registry, profiles: new Map(), types: [], now: Date.now });
  devices.open();
  const fields = new Fields(new InfluxFields(state));
  fields.open();
  const admin = new InfluxAdmin({
    client: new InfluxClient(target),
    wishes: { rawMs: null, rawMsOf: new Map(), rollups: null },
    records: new InfluxRollups(state, database),
    fields,
    log: silent,
    now: Date.now,
  });
  const sink = new InfluxSink({
    client: new WriteClient({ target, gzip: false }),
    admin,
    devices,
    fields,
    tags: [],
  });
  let isOpen = true;
  return {
    sink,
    stored: () => storedValues(database, fields),
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await admin.close();
      state.close();
    },
  };
}

/** Every value of every measurement, read back through the registry of fields. */
async function storedValues(database: string, fields: Fields): Promise<StoredValue[]> {
  const series = await influxd.query('SELECT * FROM /.*/', database);
  return series.flatMap(({ name, columns, values }) => {
    const metrics = new Map(fields.ofMeasurement(name).map((field) => [field.name, field.metric]));
    const at = columns.map((column) => metrics.get(column));
    const device = columns.indexOf('device');
    return values.flatMap((row) =>
      row.flatMap((value, column): StoredValue[] => {
        const metric = at[column];
        if (metric === undefined || value === null) return [];
        return [{ device: String(row[device]), time: Number(row[0]), metric, value: value as Value }];
      }),
    );
  });
}

describe.runIf(isThere)('InfluxDB', () => {
  describeSink('InfluxDB', connect, { exactlyOnce: true, negativeZero: true });
});
