import type { ProfileDocument } from '@fieldline/protocol/browser';
import type { ComponentChildren } from 'preact';
import { clock } from '../format/time.js';
import { Icon, type IconName } from '../shell/icon.js';
import { watch as words } from '../strings/watch.js';
import { valuesInWords } from './first-values.js';
import type { Seen } from './use-sightings.js';
import { type Standing, type Step, stepsOf } from './watch.js';

interface WatchStepsProps {
  readonly standing: Standing;
  readonly seen: Seen;
  readonly profile: ProfileDocument | null;
  readonly id: string;
}

/** How far the device has come, step by step. */
export function WatchSteps({ standing, seen, profile, id }: WatchStepsProps) {
  return (
    <ol>
      {stepsOf(standing).map((step) => (
        <StepRow key={step.name} step={step} standing={standing} seen={seen} profile={profile} id={id} />
      ))}
      {standing.kind === 'live' && standing.clockRepaired && (
        <Row icon="clock" tone="is-pending" head={words.steps.clock} says={words.steps.clockFix} />
      )}
    </ol>
  );
}

const ICONS = { todo: 'next', done: 'ok', failed: 'failed', verified: 'verified' } as const;
const TONES = { todo: 'todo', done: 'is-done', failed: 'is-failed', verified: 'is-verified' } as const;

interface StepRowProps extends WatchStepsProps {
  readonly step: Step;
}

function StepRow({ step: { name, state }, standing, seen, profile, id }: StepRowProps) {
  const row = { icon: ICONS[state], tone: TONES[state] };
  if (state === 'failed') return <Row {...row} {...failedStep(standing)} />;
  switch (name) {
    case 'connect':
    case 'way': {
      if (state === 'todo') return <Row {...row} head={words.steps.connect} />;
      const address = standing.kind === 'refused' ? standing.attempt.address : seen.device?.address;
      const at = standing.kind === 'refused' ? standing.attempt.firstAt : seen.onlineAt;
      return (
        <Row
          {...row}
          head={words.steps.connected}
          says={
            address && (
              <>
                {words.steps.from}
                <span class="mono">{address}</span>
              </>
            )
          }
          at={at}
        />
      );
    }
    case 'token':
      if (state === 'todo') return <Row {...row} head={words.steps.token} />;
      return (
        <Row
          {...row}
          head={words.steps.token}
          says={
            <>
              {words.steps.known}
              <span class="mono">{id}</span>
            </>
          }
        />
      );
    case 'talk':
      return <Row {...row} head={words.steps.talk} says={state === 'todo' ? null : talkOf(seen)} />;
    case 'reading':
      return (
        <Row
          {...row}
          head={words.steps.reading}
          says={seen.first && valuesInWords(seen.first.values, seen, profile)}
          at={seen.first?.at ?? null}
        />
      );
  }
}

function talkOf({ device }: Seen): string {
  const { talks } = words.steps;
  if (!device?.online) return talks.http;
  return device.boot === null ? talks.bare : talks.hello;
}

function failedStep(standing: Standing): { head: string; says: ComponentChildren; at: number | null } {
  if (standing.kind === 'refused') {
    const { attempt } = standing;
    const { kind, tokenFault, tokenLength, message, firstAt, count } = attempt;
    const hint = tokenFault && words.token[tokenFault](tokenLength ?? 0);
    const since = count > 1 ? `${words.tries(count)} ${words.since(clock(firstAt))}` : null;
    return { head: words.failed[kind], says: hint ?? since ?? message, at: attempt.lastAt };
  }
  if (standing.kind === 'malformed' || standing.kind === 'rejected') {
    const { message, metric, time } = standing.item;
    const kind = standing.kind === 'malformed' ? 'malformed' : 'refused';
    return { head: words.failed[kind], says: metric === null ? message : `${metric}: ${message}`, at: time };
  }
  return { head: '', says: null, at: null };
}

interface RowProps {
  readonly icon: IconName;
  readonly tone: string;
  readonly head: string;
  readonly says?: ComponentChildren;
  readonly at?: number | null;
}

function Row({ icon, tone, head, says = null, at = null }: RowProps) {
  return (
    <li class={tone}>
      <Icon name={icon} glyph />
      <div>
        {tone === 'todo' || tone === 'is-done' ? head : <b>{head}</b>}
        {says && <div class="sub small wrap-any">{says}</div>}
      </div>
      <span class="sub small">{at !== null && clock(at)}</span>
    </li>
  );
}
