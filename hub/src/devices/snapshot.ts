import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Device } from './device.js';

const Time = Type.Number();
const Maybe = { time: Type.Union([Time, Type.Null()]), text: Type.Union([Type.String(), Type.Null()]) };

const Event = Type.Object({ reason: Type.String(), at: Time });
const Standing = Type.Object({
  status: Type.Union([Type.Object({ online: Type.Boolean(), reason: Type.String(), at: Time }), Type.Null()]),
  lastDisconnect: Type.Union([Event, Type.Null()]),
  sleepMs: Maybe.time,
  wakesBy: Maybe.time,
  reboots: Type.Number(),
});

const Snapshot = Type.Object({
  lastSeen: Maybe.time,
  lastReading: Maybe.time,
  firmware: Maybe.text,
  boot: Maybe.text,
  address: Maybe.text,
  counters: Type.Record(Type.String(), Type.Number()),
  /** Time, us, and value: null where the last one was of another type. */
  latest: Type.Record(
    Type.String(),
    Type.Tuple([Time, Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])]),
  ),
  /** The interval that was learned, ms. Absent, like `standing`, where an older version has written this. */
  interval: Type.Optional(Maybe.time),
  standing: Type.Optional(Standing),
  /** Everything up to this offset of the journal is in it. */
  offset: Type.Number(),
});
const shape = Compile(Snapshot);

/** What is kept of a device over a restart. */
export type Snapshot = Static<typeof Snapshot>;

export function snapshotOf(device: Device): Snapshot {
  const latest: Snapshot['latest'] = {};
  for (const [name, { latestTime, latestValue }] of device.metrics) {
    if (latestTime !== 0) latest[name] = [latestTime, latestValue];
  }
  const { lastSeen, lastReading, firmware, boot, address, lastOffset } = device;
  const counters = { ...device.counters };
  const interval = device.arrivals.intervalMs;
  const standing = device.standing.kept();
  return {
    ...{ lastSeen, lastReading, firmware, boot, address, counters, latest, offset: lastOffset },
    ...{ interval, standing },
  };
}

/** What was stored as JSON of {@link snapshotOf}. @throws SyntaxError, TypeError for what it cannot have given */
export function parseSnapshot(json: string): Snapshot {
  const value: unknown = JSON.parse(json);
  if (!shape.Check(value)) throw new TypeError('it is not a snapshot of a device');
  return value;
}

/** Takes over how a device stood; metrics that it has not any more are left out. */
export function restoreSnapshot(device: Device, saved: Snapshot): void {
  device.lastSeen = saved.lastSeen;
  device.lastReading = saved.lastReading;
  device.firmware = saved.firmware;
  device.boot = saved.boot;
  device.address = saved.address;
  Object.assign(device.counters, saved.counters);
  device.arrivals.restore(saved.interval ?? null);
  if (saved.standing) device.standing.restore(saved.standing);
  device.lastOffset = saved.offset;
  for (const [name, [time, value]] of Object.entries(saved.latest)) {
    const metric = device.metrics.get(name);
    if (!metric) continue;
    metric.latestTime = time;
    // It may have been given another type since.
    metric.latestValue = typeof value === metric.type ? value : null;
  }
}
