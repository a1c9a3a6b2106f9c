import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { stateOf } from '../live/state.js';
import { CopyButton } from '../shell/copy-button.js';
import { Fresh } from '../shell/fresh.js';
import { fleetHref } from '../shell/route.js';
import { State } from '../shell/state.js';
import { shell, device as words } from '../strings.js';

/** Who the device is and how it is: name, state, id, profile, tags, freshness. */
export function DeviceHead({ device }: { device: LiveDevice }) {
  void device.changed.value;
  const { view, lastSeen, interval, online } = device;
  return (
    <div class="head dev-head">
      <div class="grow stack tight">
        <nav class="crumb small" aria-label={words.here}>
          <a href={fleetHref()}>{shell.fleet}</a>
          <span aria-hidden="true">/</span>
          {view.profile ? (
            <a href={fleetHref(`profile=${encodeURIComponent(view.profile)}`)}>{view.profile}</a>
          ) : (
            <span>{device.id}</span>
          )}
        </nav>
        <div class="row wrap">
          <h1 class="name">{device.name}</h1>
          <State state={stateOf(device, pulse.value)} />
          {view.disabled && <span class="badge">{words.disabled}</span>}
        </div>
        <div class="meta">
          <CopyButton text={device.id} label={words.copyId(device.id)} />
          {view.profile && <span>{view.profile}</span>}
          {Object.entries(view.tags).map(([name, value]) => (
            <span class="tag" key={name}>
              <span class="sub">{name}</span> {value}
            </span>
          ))}
        </div>
      </div>
      {lastSeen !== null && <Fresh at={lastSeen} interval={interval} online={online} />}
    </div>
  );
}
