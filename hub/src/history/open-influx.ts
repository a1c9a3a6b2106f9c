import type { Profile } from '@fieldline/protocol';
import type { Config } from '../config.js';
import { InfluxClient } from '../sinks/influx/client.js';
import { influxTarget } from '../sinks/influx/connection.js';
import { Fields } from '../sinks/influx/fields.js';
import { InfluxSink } from '../sinks/influx/influx-sink.js';
import { measurementOf } from '../sinks/influx/measurement.js';
import { InfluxAdmin, type InfluxWishes } from '../sinks/influx/server.js';
import { WriteClient } from '../sinks/influx/write-client.js';
import { InfluxFields } from '../state/influx-fields.js';
import { InfluxRollups } from '../state/influx-rollups.js';
import { InfluxHistory } from './influx-history.js';
import type { OpenHistory, OpenHistoryOptions } from './open-history.js';

const DAY_MS = 86_400_000;

/** The history in InfluxDB. Nothing is asked of the server yet: the pump opens the sink, and tries again. */
export async function openInflux({
  config,
  storage,
  devices,
  profiles,
  log,
}: OpenHistoryOptions): Promise<Omit<OpenHistory, 'embedded'>> {
  const now = Date.now;
  const target = influxTarget(config.influx);
  const { tags } = config.influx;
  const fields = new Fields(new InfluxFields(storage.state), tags);
  fields.open();
  const client = new InfluxClient(target);
  const admin = new InfluxAdmin({
    ...{ client, fields, log, now },
    wishes: influxWishes(config.influx, profiles),
    records: new InfluxRollups(storage.state, target.database),
  });
  const sink = new InfluxSink({
    ...{ admin, devices, fields, tags },
    client: new WriteClient({ target, gzip: config.influx.gzip }),
    onWritten: (measurement, ranges) => admin.written(measurement, ranges),
  });
  const history = new InfluxHistory({
    ...{ client, admin, fields, now },
    measurementOf: (device) => measurementOf(devices.get(device)),
  });
  return { sink, history, close: () => admin.close() };
}

/** What the configuration and the profiles ask of the database. */
export function influxWishes(
  config: Pick<Config['influx'], 'retentionDays' | 'rollups' | 'minuteDays' | 'hourDays'>,
  profiles: ReadonlyMap<string, Profile>,
): InfluxWishes {
  const forDays = (days: number) => (days === 0 ? Number.POSITIVE_INFINITY : days * DAY_MS);
  return {
    rawMs: config.retentionDays === 0 ? null : config.retentionDays * DAY_MS,
    rawMsOf: new Map(
      Array.from(profiles.values(), ({ name, retentionMs }) => [name, retentionMs] as const).filter(
        (entry): entry is readonly [string, number] => entry[1] !== null,
      ),
    ),
    rollups: config.rollups ? { '1m': forDays(config.minuteDays), '1h': forDays(config.hourDays) } : null,
  };
}
