import { num } from '../format/number.js';
import type { Arrivals } from '../live/arrivals.js';
import { STATES } from '../live/state.js';
import { Icon } from '../shell/icon.js';
import { stateWords, fleet as words } from '../strings.js';
import type { StateFilter } from './fleet-url.js';
import { RateChart } from './rate-chart.js';
import type { Counts as StateCounts } from './select.js';

interface CountsProps {
  readonly counts: StateCounts;
  readonly alarmed: number;
  readonly alarmedOf: StateCounts;
  readonly chosen: StateFilter | null;
  readonly arrivals: Arrivals;
  readonly onChoose: (state: StateFilter | null) => void;
}

/**
 * The states as filters, and the fleet drawn to scale below them: at least 3 px for what there is any of. A device in
 * alarm stands in the bar once, as that.
 */
export function Counts({ counts, alarmed, alarmedOf, chosen, arrivals, onChoose }: CountsProps) {
  const all = STATES.reduce((sum, state) => sum + counts[state], 0);
  const [online, ...others] = STATES.map((state) => [state, counts[state] - alarmedOf[state]] as const);
  const parts = [online, ['alarm', alarmed] as const, ...others].flatMap((part) =>
    part && part[1] > 0 ? [part] : [],
  );
  const filters = [
    ...STATES.map((state) => [state, counts[state]] as const),
    ['alarm', alarmed] as const,
  ].filter(([filter, count]) => filter !== 'asleep' || count > 0 || chosen === filter);
  return (
    <section class="panel over" aria-label={words.stateOfFleet}>
      <div class="row">
        <fieldset class="counts" aria-label={words.filterByState}>
          <button
            type="button"
            class="wide-only"
            aria-pressed={chosen === null}
            onClick={() => onChoose(null)}
          >
            <b>{num(all, 0)}</b>
            <span class="st">
              <Icon name="fleet" />
            </span>
            <span class="sub">{words.all}</span>
          </button>
          {filters.map(([filter, count]) => (
            <button
              key={filter}
              type="button"
              class={filter === 'never' && chosen !== filter ? 'wide-only' : undefined}
              aria-pressed={chosen === filter}
              onClick={() => onChoose(chosen === filter ? null : filter)}
            >
              <b>{num(count, 0)}</b>
              <span class={`st ${filter === 'online' || count === 0 ? '' : `is-${filter}`}`}>
                <Icon name={filter} />
              </span>
              <span class="sub">{filter === 'alarm' ? words.inAlarm : stateWords[filter]}</span>
            </button>
          ))}
        </fieldset>
        <span class="grow" />
        <RateChart arrivals={arrivals} />
      </div>
      <div class="scale" role="img" aria-label={words.scale(parts, all)}>
        {parts.map(([state, count]) => (
          <i key={state} class={`s-${state}`} style={{ flexGrow: count }} />
        ))}
      </div>
    </section>
  );
}
