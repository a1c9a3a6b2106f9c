import type { CommandView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { duration } from '../format/age.js';
import { stamp, when } from '../format/time.js';
import { profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { deviceHref } from '../shell/route.js';
import { commands as words } from '../strings/commands.js';
import { chainOf } from './chain.js';
import { Chain, Links } from './chain-view.js';
import { answerMs, expectationOf } from './expectation.js';
import { paramText } from './free-value.js';
import { outcomeOf } from './outcome.js';
import { verdictOf } from './verdict.js';
import { VerdictView } from './verdict-view.js';

/** What a list knows of a command's device. */
export interface RowDevice {
  readonly name: string;
  readonly profile: string | null;
  readonly online: boolean | null;
}

interface CommandRowProps {
  readonly command: CommandView;
  readonly device: RowDevice;
  /** The device is named: a list of several. */
  readonly named: boolean;
  readonly onAgain: ((command: CommandView) => void) | null;
  readonly onCancelled: ((command: CommandView) => void) | null;
}

/** One command of a list; opened, its way and what its end means. */
export function CommandRow({ command, device, named, onAgain, onCancelled }: CommandRowProps) {
  const [open, setOpen] = useState(false);
  const profile = profiles.get(device.profile);
  const context = {
    expected: expectationOf(profile, command),
    answerMs: profile.commands?.[command.name] ? answerMs(profile, command.name) : null,
  };
  const steps = chainOf(command, context);
  const outcome = outcomeOf(command);
  const { id, name, params, by, createdAt, result, error, queue, ttl } = command;
  return (
    <li class="cmd">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="mono cut">
            <b>{name}</b> <span class="sub">{paramText(params)}</span>
          </span>
          {named && <span class="cut">{device.name}</span>}
          <Links steps={steps} />
          <span>
            <span class={`badge is-${outcome.look}`}>{outcome.word}</span>
          </span>
          <span class="sub small cut">
            {by}, {when(createdAt, pulse.peek())}
          </span>
          <Icon name="down" />
        </summary>
        {open && (
          <div class="body">
            <Chain steps={steps} />
            <div class="stack tight">
              <VerdictView
                command={command}
                verdict={verdictOf(command, context, device.online)}
                now=""
                onAgain={onAgain && (() => onAgain(command))}
                onCancelled={onCancelled}
              />
              <dl class="facts">
                {named && (
                  <Fact name={words.ask.device}>
                    <a href={`${deviceHref(command.device)}?tab=commands`}>{device.name}</a>
                  </Fact>
                )}
                <Fact name={words.verdict.by}>
                  {by}, {stamp(createdAt)}
                </Fact>
                {queue && <Fact name={words.verdict.waitsFor}>{duration(ttl)}</Fact>}
                {result !== null && result !== undefined && (
                  <Fact name={words.verdict.result}>
                    <code class="mono wrap-any">{JSON.stringify(result)}</code>
                  </Fact>
                )}
                {error !== null && (
                  <Fact name={words.verdict.error}>
                    {error.message} <span class="sub mono">{error.code}</span>
                  </Fact>
                )}
                <Fact name={words.verdict.id}>
                  <span class="mono">{id}</span>
                </Fact>
              </dl>
            </div>
          </div>
        )}
      </details>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
