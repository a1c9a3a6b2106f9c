import { num } from '../format/number.js';
import { type DeviceState, STATES } from '../live/state.js';
import { Icon } from '../shell/icon.js';
import { stateWords, fleet as words } from '../strings.js';
import type { Counts as StateCounts } from './select.js';

interface CountsProps {
  readonly counts: StateCounts;
  readonly chosen: DeviceState | null;
  readonly onChoose: (state: DeviceState | null) => void;
}

/** The states as filters, and the fleet drawn to scale below them: at least 3 px for what there is any of. */
export function Counts({ counts, chosen, onChoose }: CountsProps) {
  const all = STATES.reduce((sum, state) => sum + counts[state], 0);
  const parts = STATES.map((state) => [state, counts[state]] as const).filter(([, count]) => count > 0);
  return (
    <section class="panel over" aria-label={words.stateOfFleet}>
      <fieldset class="counts" aria-label={words.filterByState}>
        <button type="button" class="wide-only" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
          <b>{num(all, 0)}</b>
          <span class="st">
            <Icon name="fleet" />
          </span>
          <span class="sub">{words.all}</span>
        </button>
        {STATES.filter((state) => state !== 'asleep' || counts.asleep > 0 || chosen === state).map(
          (state) => (
            <button
              key={state}
              type="button"
              aria-pressed={chosen === state}
              onClick={() => onChoose(chosen === state ? null : state)}
            >
              <b>{num(counts[state], 0)}</b>
              <span class={`st ${state === 'online' ? '' : `is-${state}`}`}>
                <Icon name={state} />
              </span>
              <span class="sub">{stateWords[state]}</span>
            </button>
          ),
        )}
      </fieldset>
      <div class="scale" role="img" aria-label={words.scale(parts, all)}>
        {parts.map(([state, count]) => (
          <i key={state} class={`s-${state}`} style={{ flexGrow: count }} />
        ))}
      </div>
    </section>
  );
}
