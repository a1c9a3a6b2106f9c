import type { CommandView } from '@fieldline/protocol/browser';
import type { LiveDevice } from '../live/device.js';
import { type DeviceProfile, profiles } from '../live/profiles.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { commands as words } from '../strings/commands.js';
import { Control } from './control.js';
import { FreeCommand } from './free-command.js';
import type { Bar } from './permit.js';
import type { Wish } from './wish.js';

interface ControlsPanelProps {
  readonly device: LiveDevice;
  readonly profile: DeviceProfile;
  readonly bar: Bar | null;
  /** This device's, newest first. */
  readonly commands: readonly CommandView[];
  /** The command whose control takes the focus. */
  readonly sought: string | null;
  readonly onFound: () => void;
  readonly onWish: (wish: Wish) => void;
}

const BAR_WORDS: Readonly<Record<Bar, string>> = {
  role: words.needsRole('operator'),
  disabled: words.disabledDevice,
  caps: words.noCommands,
};
const BAR_SHORT: Readonly<Record<Bar, string>> = {
  role: words.needs('operator'),
  disabled: words.bars.disabled,
  caps: words.bars.caps,
};

/** What can be asked of the device, and first why not. */
export function ControlsPanel(props: ControlsPanelProps) {
  const { device, profile, bar, commands, sought, onFound, onWish } = props;
  useDeviceShape(device);
  const standing = profiles.standing(device.view.profile);
  const named = Object.entries(profile.commands ?? {});
  const free = standing === 'none';
  return (
    <section class="panel">
      <header>
        <h2>{words.controls}</h2>
        <span class="sub small">{free ? words.freeSay : words.controlsSay}</span>
      </header>
      <State device={device} bar={bar} />
      {standing === 'unknown' && <Loading rows={3} label={words.loading} />}
      {free && bar === null && <FreeCommand known={namesOf(commands)} onWish={onWish} />}
      {named.map(([name, document]) => (
        <Control
          key={name}
          device={device}
          profile={profile}
          name={name}
          document={document}
          last={commands.find((command) => command.name === name)}
          bar={bar && BAR_SHORT[bar]}
          barWhy={bar ? BAR_WORDS[bar] : ''}
          sought={name === sought}
          onFound={onFound}
          onWish={onWish}
        />
      ))}
      {standing === 'known' && named.length === 0 && (
        <Empty art="nothing" head={words.noControlsHead} body={words.noControlsBody} />
      )}
    </section>
  );
}

/** Why nothing can be asked, or what is different now. */
function State({ device, bar }: { device: LiveDevice; bar: Bar | null }) {
  useDeviceShape(device);
  const { online, statusAt, view } = device;
  if (bar !== null) {
    return (
      <div class="note flat">
        <Icon name={bar === 'role' ? 'lock' : 'info'} />
        <div>{BAR_WORDS[bar]}</div>
      </div>
    );
  }
  if (!online && device.asleep) {
    return (
      <div class="note flat">
        <Icon name="asleep" />
        <div>{words.asleep(view.wakesBy)}</div>
      </div>
    );
  }
  if (!online) {
    return (
      <div class="note flat is-warn">
        <Icon name="offline" />
        <div>{words.offline(statusAt === null ? '' : words.since(statusAt))}</div>
      </div>
    );
  }
  if (view.caps !== null) return null;
  return (
    <div class="note flat">
      <Icon name="info" />
      <div>{words.noHello}</div>
    </div>
  );
}

const namesOf = (commands: readonly CommandView[]): string[] => [
  ...new Set(commands.map(({ name }) => name)),
];
