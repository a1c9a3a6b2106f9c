import { useRef } from 'preact/hooks';
import { pulse } from '../live/pulse.js';
import { STATES, stateOf } from '../live/state.js';
import type { Fleet } from './fleet.js';
import { type FleetView, formatFleetView } from './fleet-url.js';
import { type Counts, countStates, type Row, selectDevices, selectRows } from './select.js';

/** Rows move by themselves only when nobody has touched the list for this long. */
const UNTOUCHED_MS = 10_000;

export interface FleetList {
  readonly rows: readonly Row[];
  /** How many devices the rows hold. */
  readonly shown: number;
  readonly counts: Counts;
  /** Says that somebody is at the list. */
  readonly touch: () => void;
}

interface Kept {
  readonly asked: string;
  readonly states: number;
  readonly rows: readonly Row[];
  readonly shown: number;
}

/**
 * The list in its order. A new filter, sort or member counts at once; a device that merely changed its state
 * moves when the list is left alone, so that a row never jumps away under a finger.
 */
export function useFleetList(fleet: Fleet, view: FleetView): FleetList {
  void fleet.changed.value;
  const now = pulse.value;
  const touchedAt = useRef(0);
  const kept = useRef<Kept>(undefined);
  const asked = `${fleet.members} ${formatFleetView({ ...view, tiles: false })}`;
  const states = digest(fleet, now);
  const moved = kept.current?.states !== states && Date.now() - touchedAt.current > UNTOUCHED_MS;
  if (kept.current?.asked !== asked || moved) {
    const devices = selectDevices(fleet.devices.values(), view, now);
    kept.current = { asked, states, rows: selectRows(devices, view, now), shown: devices.length };
  }
  return {
    rows: kept.current.rows,
    shown: kept.current.shown,
    counts: countStates(fleet.devices.values(), now),
    touch: () => {
      touchedAt.current = Date.now();
    },
  };
}

/** A number that differs when any device's state does: cheaper each second than sorting ten thousand names. */
function digest(fleet: Fleet, now: number): number {
  let sum = 7;
  for (const device of fleet.devices.values()) {
    sum = (Math.imul(sum, 31) + STATES.indexOf(stateOf(device, now))) | 0;
  }
  return sum;
}
