import { useRef } from 'preact/hooks';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { stateOf } from '../live/state.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { CopyButton } from '../shell/copy-button.js';
import { Fresh } from '../shell/fresh.js';
import { fleetHref } from '../shell/route.js';
import { State } from '../shell/state.js';
import { shell, device as words } from '../strings.js';

/** Who the device is and how it is: name, state, id, profile, tags, freshness. */
export function DeviceHead({ device }: { device: LiveDevice }) {
  useDeviceShape(device);
  const { view } = device;
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
      <Freshness device={device} />
    </div>
  );
}

/** Readings that follow each other faster leave the bar full: it need not begin anew with each of them. */
const FULL_MS = 500;

function Freshness({ device }: { device: LiveDevice }) {
  void device.changed.value;
  const { lastSeen, interval, online } = device;
  const at = useRef(lastSeen);
  if (at.current === null || lastSeen === null || Math.abs(lastSeen - at.current) >= FULL_MS)
    at.current = lastSeen;
  return at.current === null ? null : <Fresh at={at.current} interval={interval} online={online} />;
}
