// biome-ignore-all lint/a11y/useSemanticElements: only the rows in view exist, placed by hand, which no table element can hold
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Fresh } from '../shell/fresh.js';
import { deviceHref } from '../shell/route.js';
import { State } from '../shell/state.js';
import { fleet as words } from '../strings.js';
import type { Fleet } from './fleet.js';
import { show } from './shown.js';
import { SignalBars } from './signal-bars.js';
import { Spark } from './spark.js';

interface FleetRowProps {
  readonly fleet: Fleet;
  readonly device: LiveDevice;
  /** Where it stands in the list, from 0, and in pixels. */
  readonly index: number;
  readonly top: number;
  /** True for the one row that Tab reaches. */
  readonly reachable: boolean;
  readonly selected: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFocus: (id: string) => void;
  /** @param extend takes all from the last one that was chosen */
  readonly onSelect: (id: string, extend: boolean) => void;
}

/** One device in the table. It follows its own device alone: a reading redraws this row and no other. */
export function FleetRow(props: FleetRowProps) {
  const { fleet, device, index, top, reachable, selected, onOpen, onFocus, onSelect } = props;
  const { state, text, unit, title, breach, spark, signal } = show(device, fleet);
  const { id, view, lastSeen, interval, online } = device;
  const quiet = state === 'stale' || state === 'offline';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on the row is handled by the list, once for all rows
    <div
      role="row"
      class={`rw ${selected ? 'on' : ''}`}
      style={{ top: `${top}px` }}
      tabIndex={reachable ? 0 : -1}
      aria-rowindex={index + 2}
      data-id={id}
      onClick={() => onOpen(id)}
      onFocus={() => onFocus(id)}
    >
      <span role="cell" class="c-check">
        <input
          type="checkbox"
          class="box"
          aria-label={words.selectDevice(device.name)}
          checked={selected}
          // Reached by x on the row: a second stop of Tab in each row would make the list endless.
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(id, event.shiftKey);
          }}
        />
      </span>
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
        {unit !== '' && <span class="u">{unit}</span>}
      </span>
      <span role="cell" class="c-spark">
        {spark && <Spark {...spark} now={pulse.peek()} />}
      </span>
      <span role="cell" class="c-sig">
        {signal !== undefined && <SignalBars dbm={signal} />}
      </span>
      <span role="cell" class="c-fw sub cut">
        {view.firmware}
      </span>
      <span role="cell" class="c-fresh">
        {lastSeen === null ? (
          <span class="sub">{words.notUsedYet}</span>
        ) : (
          <Fresh at={lastSeen} interval={interval} online={online} steps />
        )}
      </span>
    </div>
  );
}
