import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Fresh } from '../shell/fresh.js';
import { deviceHref } from '../shell/route.js';
import { State } from '../shell/state.js';
import type { Fleet } from './fleet.js';
import { show } from './shown.js';
import { Spark } from './spark.js';

/** The same row as a small plate. */
export function FleetTile({ fleet, device }: { fleet: Fleet; device: LiveDevice }) {
  const { state, text, unit, title, breach, spark } = show(device, fleet);
  const off = state === 'offline' || state === 'asleep' || state === 'never';
  return (
    <a
      class={`tile ${off ? 'is-off' : state === 'alarm' || breach === 'alarm' ? 'is-alarm' : ''}`}
      href={deviceHref(device.id)}
      title={title || undefined}
    >
      <span class="row">
        <State state={state} quiet />
        <span class="nm cut">{device.name}</span>
      </span>
      <span class="v cut">
        {state === 'never' ? <span class="sub">{text}</span> : text}
        {unit !== '' && <span class="u">{unit}</span>}
      </span>
      {spark && <Spark {...spark} now={pulse.peek()} />}
      {device.lastSeen !== null && (
        <Fresh at={device.lastSeen} interval={device.interval} online={device.online} steps />
      )}
    </a>
  );
}
