// biome-ignore-all lint/a11y/useSemanticElements: only the rows in view exist, placed by hand, which no table element can hold
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Fresh } from '../shell/fresh.js';
import { deviceHref } from '../shell/route.js';
import { State } from '../shell/state.js';
import { fleet as words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { show } from './shown.js';
import { Spark } from './spark.js';

interface FleetRowProps {
  readonly fleet: Fleet;
  readonly device: LiveDevice;
  /** Where it stands in the list, from 0, and in pixels. */
  readonly index: number;
  readonly top: number;
  /** True for the one row that Tab reaches. */
  readonly reachable: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFocus: (index: number) => void;
}

/** One device in the table. It follows its own device alone: a reading redraws this row and no other. */
export function FleetRow({ fleet, device, index, top, reachable, onOpen, onFocus }: FleetRowProps) {
  const { state, text, unit, title, breach, spark } = show(device, fleet);
  const { id, view, lastSeen, interval, online } = device;
  const quiet = state === 'stale' || state === 'offline';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on the row is handled by the list, once for all rows
    <div
      role="row"
      class="rw"
      style={{ transform: `translateY(${top}px)` }}
      tabIndex={reachable ? 0 : -1}
      aria-rowindex={index + 2}
      data-index={index}
      onClick={() => onOpen(id)}
      onFocus={() => onFocus(index)}
    >
      <span role="cell" class="c-state">
        <State state={state} />
      </span>
      <span role="cell" class="nm cut">
        <a class="cut" href={deviceHref(id)} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
          {device.name}
        </a>
        {view.name !== null && <span class="mono cut">{id}</span>}
      </span>
      <span role="cell" class="c-prof sub cut">
        {view.profile}
      </span>
      <span role="cell" class="c-tags sub cut">
        {Object.values(view.tags).join(' · ')}
      </span>
      <span role="cell" class={`val cut ${quiet ? 'old' : breach ? `is-${breach}` : ''}`} title={title}>
        {state === 'never' ? <span class="sub">{text}</span> : text}
        {unit && <span class="u">{unit}</span>}
      </span>
      <span role="cell" class="c-spark">
        {spark && <Spark buffer={spark} now={pulse.peek()} interval={interval} quiet={quiet} />}
      </span>
      <span role="cell" class="c-fw sub cut">
        {view.firmware}
      </span>
      <span role="cell" class="c-fresh">
        {lastSeen === null ? (
          <span class="sub">{words.notUsedYet}</span>
        ) : (
          <Fresh at={lastSeen} interval={interval} online={online} />
        )}
      </span>
    </div>
  );
}
