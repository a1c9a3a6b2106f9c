import type { CommandView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { PagedPanel } from '../device/paged-panel.js';
import { when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { type DeviceProfile, profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { useDeviceShape } from '../live/use-device-shape.js';
import { Empty } from '../shell/empty.js';
import { commandsHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { commands as words } from '../strings/commands.js';
import { chainOf } from './chain.js';
import { Chain } from './chain-view.js';
import type { CommandLog } from './command-log.js';
import { CommandRow } from './command-row.js';
import { ControlsPanel } from './controls-panel.js';
import { answerMs, expectationOf, readingWords } from './expectation.js';
import { fieldsOf, valueWords } from './field.js';
import { paramText } from './free-value.js';
import { barOf } from './permit.js';
import { reportedOf } from './reported.js';
import { SendDialog } from './send-dialog.js';
import { verdictOf } from './verdict.js';
import { VerdictView } from './verdict-view.js';
import type { Wish } from './wish.js';

interface CommandsTabProps {
  readonly device: LiveDevice;
  readonly log: CommandLog;
  /** The command whose form somebody looks for, by its name. */
  readonly asked: string | null;
}

/** Commands of one device: what can be asked, the newest step by step, and all before it. */
export function CommandsTab({ device, log, asked }: CommandsTabProps) {
  useDeviceShape(device);
  const [wish, setWish] = useState<Wish | null>(null);
  // The address forgets what was asked for as soon as the page stands; the profile may come later.
  const [sought, setSought] = useState<string | null>(null);
  useEffect(() => {
    if (asked !== null) setSought(asked);
  }, [asked]);
  const profile = profiles.get(device.view.profile);
  const bar = barOf(device.view, role(), 'command');
  const items = log.items.value;
  const [latest] = items;
  const take = (command: CommandView) => log.put([command]);
  const again = bar === null ? (command: CommandView) => setWish(wishOf(command, profile)) : null;
  const cancelled = bar === 'role' ? null : take;
  const list = {
    items,
    state: log.state.value,
    reason: log.reason.value,
    more: log.more.value,
    next: () => void log.next(),
    again: () => void log.again(),
  };
  return (
    <>
      <div class="cols-2">
        <ControlsPanel
          device={device}
          profile={profile}
          bar={bar}
          commands={items}
          sought={sought}
          onFound={() => setSought(null)}
          onWish={setWish}
        />
        <section class="panel latest">
          <header>
            <h2>{words.latest}</h2>
            {latest && (
              <span class="sub small mono cut">
                {[latest.name, paramText(latest.params)].filter(Boolean).join(' ')}
              </span>
            )}
            {latest && (
              <span class="sub small">
                {latest.by}, {when(latest.createdAt, pulse.peek())}
              </span>
            )}
          </header>
          <div class="pad stack" aria-live="polite">
            {latest ? (
              <Latest
                command={latest}
                device={device}
                profile={profile}
                onAgain={again}
                onCancelled={cancelled}
              />
            ) : (
              <p class="sub">{words.noneLatest}</p>
            )}
          </div>
        </section>
      </div>
      <PagedPanel
        title={words.history}
        says={words.historySays}
        side={<a href={commandsHref()}>{words.allDevices}</a>}
        list={list}
        empty={items.length === 0}
        whenEmpty={<Empty art="calm" head={words.emptyHead} body={words.emptyBody} />}
      >
        <ol class="cmds">
          {items.map((command) => (
            <CommandRow
              key={command.id}
              command={command}
              device={{ name: device.name, profile: device.view.profile, online: device.online }}
              named={false}
              onAgain={again}
              onCancelled={cancelled}
            />
          ))}
        </ol>
      </PagedPanel>
      {wish && (
        <SendDialog
          device={device}
          profile={profile}
          wish={wish}
          onTaken={(command) => {
            take(command);
            setWish(null);
          }}
          onClose={() => setWish(null)}
        />
      )}
    </>
  );
}

interface LatestProps {
  readonly command: CommandView;
  readonly device: LiveDevice;
  readonly profile: DeviceProfile;
  readonly onAgain: ((command: CommandView) => void) | null;
  readonly onCancelled: ((command: CommandView) => void) | null;
}

function Latest({ command, device, profile, onAgain, onCancelled }: LatestProps) {
  useDeviceShape(device);
  const expected = expectationOf(profile, command);
  const context = {
    expected,
    answerMs: profile.commands?.[command.name] ? answerMs(profile, command.name) : null,
  };
  const verdict = verdictOf(command, context, device.online);
  // Where the effect is in doubt, what the device reports now is worth more than words.
  const doubtful = verdict.look === 'unknown' || verdict.look === 'contradicted';
  const reported = doubtful && expected ? reportedOf(device, expected.look.key, pulse.value) : null;
  const now =
    reported && expected
      ? words.verdict.nowReads(readingWords(expected.look, reported.value), reported.agoMs)
      : '';
  return (
    <>
      <Chain steps={chainOf(command, context)} />
      <VerdictView
        key={command.id}
        command={command}
        verdict={verdict}
        now={now}
        onAgain={onAgain && (() => onAgain(command))}
        onCancelled={onCancelled}
      />
    </>
  );
}

/** The same again, as a new command. */
function wishOf(command: CommandView, profile: DeviceProfile): Wish {
  const document = profile.commands?.[command.name];
  const fields = fieldsOf(document?.params);
  const [only] = fields;
  const value = fields.length === 1 && only ? command.params[only.name] : undefined;
  return {
    name: command.name,
    title: document?.title ?? null,
    description: document?.description ?? null,
    danger: document?.danger ?? false,
    params: command.params,
    value: only && value !== undefined && value !== null ? valueWords(only, value) : '',
    again: command.state === 'timed_out',
  };
}
