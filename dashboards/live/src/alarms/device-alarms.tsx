import type { AlarmView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { may } from '../command/permit.js';
import { age } from '../format/age.js';
import { stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { Icon } from '../shell/icon.js';
import { alarmsHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { alarms as words } from '../strings/alarms.js';
import { acknowledge } from './acknowledge.js';
import { AcknowledgeDialog } from './acknowledge-dialog.js';
import type { AlarmWatch } from './alarm-watch.js';
import { bySeverity, lookIn, whatWords } from './alarm-words.js';

/** Badges beside a name; of more there is a count. */
const MOST = 2;

interface DeviceAlarmsProps {
  readonly watch: AlarmWatch;
  readonly device: LiveDevice;
}

/** What is raised of a device, the worst first. */
const ofDevice = ({ watch, device }: DeviceAlarmsProps): AlarmView[] =>
  watch.items.value.filter((alarm) => alarm.device === device.id).sort(bySeverity);

/** What is wrong with a device, beside its name: each a way to the alarm. */
export function AlarmBadges(props: DeviceAlarmsProps) {
  useDeviceShape(props.device);
  const items = ofDevice(props);
  // A metric beyond its alarm is beyond its warning as well: the first says it all.
  const said = items.filter(({ metric }, at) => items.findIndex((one) => one.metric === metric) === at);
  const shown = said.slice(0, MOST);
  const now = pulse.value;
  return (
    <>
      {shown.map(({ id, level, metric, limit, since, state }) => (
        <a
          key={id}
          class={`badge is-${level} ${state === 'acknowledged' ? 'seen' : ''}`}
          href={alarmsHref(`alarm=${encodeURIComponent(id)}`)}
          title={words.sinceSays(stamp(since))}
        >
          <Icon name={level} glyph />
          {metric === null
            ? words.what.silence(age(Math.max(1_000, now - (props.device.lastSeen ?? since))))
            : words.what.holds(
                whatWords({ ...limit, for: 0 }, lookIn(props.device.view.profile, metric)),
                age(Math.max(1_000, now - since)),
              )}
        </a>
      ))}
      {items.length > shown.length && (
        <a class="badge" href={alarmsHref()}>
          {words.moreRaised(items.length - shown.length)}
        </a>
      )}
    </>
  );
}

/** Acknowledges what is raised of a device: one without a question, several after one. */
export function AcknowledgeButton(props: DeviceAlarmsProps) {
  const [asking, setAsking] = useState(false);
  const unseen = ofDevice(props).filter(({ state }) => state === 'raised');
  const say = (ids: readonly string[], note: string) => acknowledge(props.watch, ids, note);
  const [only] = unseen;
  return (
    <>
      {only && may(role(), 'operator') && (
        <button
          type="button"
          class="btn"
          onClick={() => (unseen.length > 1 ? setAsking(true) : void say([only.id], ''))}
        >
          <Icon name="check" />
          {unseen.length > 1 ? words.acknowledgeMany(unseen.length) : words.acknowledge}
        </button>
      )}
      {asking && <AcknowledgeDialog alarms={unseen} onAcknowledge={say} onClose={() => setAsking(false)} />}
    </>
  );
}
