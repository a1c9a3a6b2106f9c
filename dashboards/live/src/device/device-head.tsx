import { useRef } from 'preact/hooks';
import type { AlarmWatch } from '../alarms/alarm-watch.js';
import { AcknowledgeButton, AlarmBadges } from '../alarms/device-alarms.js';
import { barOf } from '../command/permit.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { stateOf } from '../live/state.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { MoreMenu } from '../manage/more-menu.js';
import { CopyButton } from '../shell/copy-button.js';
import { Fresh } from '../shell/fresh.js';
import { Icon } from '../shell/icon.js';
import { fleetHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { State } from '../shell/state.js';
import { shell, device as words } from '../strings.js';

interface DeviceHeadProps {
  readonly device: LiveDevice;
  readonly alarms: AlarmWatch;
  /** Shows what can be asked of it. */
  readonly onCommands: () => void;
}

/** Who the device is and how it is: name, state, alarms, id, profile, tags, freshness; and what is done first. */
export function DeviceHead({ device, alarms, onCommands }: DeviceHeadProps) {
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
          <AlarmBadges watch={alarms} device={device} />
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
      <AcknowledgeButton watch={alarms} device={device} />
      {barOf(view, role(), 'command') === null && (
        <button type="button" class="btn main" onClick={onCommands}>
          <Icon name="out" />
          {words.send}
        </button>
      )}
      <MoreMenu device={device} />
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
