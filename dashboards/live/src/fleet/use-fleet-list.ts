import { useMemo, useRef } from 'preact/hooks';
import type { LiveDevice } from '../live/device.js';
import { profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { raised, type Severity } from '../live/raised.js';
import { STATES, stateOf } from '../live/state.js';
import type { Fleet } from './fleet.js';
import { type FleetView, formatFleetView } from './fleet-url.js';
import { mainMetric } from './main-metric.js';
import { type Counts, countStates, type Row, selectDevices, selectRows, sortByName } from './select.js';

/** Rows move by themselves only when nobody has touched the list for this long. */
const UNTOUCHED_MS = 10_000;

export interface FleetList {
  readonly rows: readonly Row[];
  /** The ids of the devices in the rows, in their order. */
  readonly order: readonly string[];
  readonly counts: Counts;
  /** How many devices have a raised alarm. */
  readonly alarmed: number;
  /** The same by state, as far as they are among `counts`. */
  readonly alarmedOf: Counts;
  /** Says that somebody is at the list. */
  readonly touch: () => void;
}

interface Kept {
  readonly asked: string;
  readonly standing: number;
  readonly rows: readonly Row[];
  readonly order: readonly string[];
}

/**
 * The list in its order. A new filter, sort or member counts at once; a device that merely changed its state
 * moves when the list is left alone, so that a row never jumps away under a finger.
 */
export function useFleetList(fleet: Fleet, view: FleetView): FleetList {
  void fleet.changed.value;
  const now = pulse.value;
  const alarms = raised.value;
  const touchedAt = useRef(0);
  const kept = useRef<Kept>(undefined);
  const { members } = fleet;
  const named = useMemo(() => sortByName(fleet.devices.values()), [fleet, members]);
  const asked = `${members} ${formatFleetView({ ...view, tiles: false })}`;
  const standing = view.sort === 'value' ? now : digest(fleet, now, alarms);
  const moved = kept.current?.standing !== standing && Date.now() - touchedAt.current > UNTOUCHED_MS;
  if (kept.current?.asked !== asked || moved) {
    const around = { now, raised: alarms, valueOf: numberOf };
    const devices = selectDevices(named, view, around);
    kept.current = {
      asked,
      standing,
      rows: selectRows(devices, view, around),
      order: devices.map(({ id }) => id),
    };
  }
  const alarmed = [...alarms.keys()].flatMap((id) => fleet.devices.get(id) ?? []);
  return {
    rows: kept.current.rows,
    order: kept.current.order,
    counts: countStates(fleet.devices.values(), now),
    alarmed: alarmed.length,
    alarmedOf: countStates(alarmed, now),
    touch: () => {
      touchedAt.current = Date.now();
    },
  };
}

function numberOf(device: LiveDevice): number | undefined {
  const metric = mainMetric(device, profiles.peek(device.view.profile));
  const value = metric === undefined ? undefined : device.latest.get(metric)?.value;
  return typeof value === 'number' ? value : undefined;
}

/** A number that differs when any device's state does: cheaper each second than sorting ten thousand of them. */
function digest(fleet: Fleet, now: number, alarms: ReadonlyMap<string, Severity>): number {
  let sum = 7;
  for (const device of fleet.devices.values()) {
    const state = alarms.has(device.id) ? STATES.length : STATES.indexOf(stateOf(device, now));
    sum = (Math.imul(sum, 31) + state) | 0;
  }
  return sum;
}
