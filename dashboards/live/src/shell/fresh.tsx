import { useMemo, useRef } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import { age } from '../format/age.js';
import { stamp } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { freshnessOf, SHELF_INTERVALS } from '../live/state.js';
import { fleet as words } from '../strings.js';

interface FreshProps {
  /** When the device was last heard, ms by the hub's clock. */
  readonly at: number;
  readonly interval: number | null;
  readonly online: boolean;
  /** One of many: the bar moves once a second, with its label, since each that runs is a layer of its own. */
  readonly steps?: boolean;
}

/**
 * A reading has a shelf life: full on arrival, a notch at one expected interval, empty at three.
 * The browser drains the bar by one transform animation; script re-labels once a second.
 */
export function Fresh({ at, interval, online, steps = false }: FreshProps) {
  const now = pulse.value;
  const since = Math.max(0, now - at);
  const look = freshnessOf(since, interval, online);
  const turns = useRef(0);
  // The other set of keyframes starts the animation anew without a reflow. It must change with the reading only: a new
  // delay on a running animation would make the bar jump.
  const bar = useMemo(() => {
    turns.current++;
    const life = SHELF_INTERVALS * (interval ?? 0);
    return {
      turn: turns.current % 2 === 0 ? 'b' : '',
      style: { '--life': `${life}ms`, '--at': `${Math.min(0, at - hubClock.now())}ms` },
    };
  }, [at, interval]);
  const left = interval === null ? 1 : Math.max(0, 1 - since / (SHELF_INTERVALS * interval));
  return (
    <span
      class={`fresh ${steps ? 'steps' : bar.turn} ${look === 'off' ? 'off' : look === 'fresh' ? '' : look} ${interval === null ? 'no-bar' : ''}`}
      // Formatting a date is dear, and a list has thousands: it is made when someone points at it.
      onPointerEnter={(event) => {
        event.currentTarget.title = words.lastReading(stamp(at), interval);
      }}
    >
      <i style={steps ? { '--left': left.toFixed(2) } : bar.style} />
      <b>{age(since)}</b>
    </span>
  );
}
