import { num } from '../format/number.js';
import { fleet as words } from '../strings.js';

/** From these strengths on, in dBm, one bar more is filled: what radios of sensors call fair, good, very good. */
const STEPS_DBM = [-78, -68, -58] as const;

/** How strong a device's radio is heard: bars for the eye, dBm for who knows. */
export function SignalBars({ dbm }: { dbm: number }) {
  const filled = 1 + STEPS_DBM.filter((step) => dbm > step).length;
  return (
    <span class="sig" title={words.signalSays(num(dbm, 0))}>
      <span class="bars" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <i key={bar} class={bar <= filled ? 'y' : undefined} />
        ))}
      </span>
      {num(dbm, 0)}
    </span>
  );
}
