import type { AlarmDelivery, AlarmView } from '@fieldline/protocol/browser';
import type { ComponentChildren } from 'preact';
import { duration } from '../format/age.js';
import type { MetricLook } from '../format/metric.js';
import { clock, stamp } from '../format/time.js';
import { Icon, type IconName } from '../shell/icon.js';
import { alarms as words } from '../strings/alarms.js';
import { clearWords } from './alarm-words.js';

interface TrailProps {
  readonly alarm: AlarmView;
  readonly look: MetricLook | null;
  readonly deliveries: readonly AlarmDelivery[];
}

const CHANNEL_ICONS = { webhook: 'hook', email: 'mail', mqtt: 'pulse' } as const;
/** A difference that is no news: readings take a moment to come. */
const SOON_MS = 60_000;

/** What happened, in its order: the limit crossed, raised, told, seen, cleared; last what would clear it. */
export function Trail({ alarm, look, deliveries }: TrailProps) {
  const {
    level,
    since,
    raisedAt,
    raisedSeenAt,
    acknowledgedBy,
    acknowledgedAt,
    clearedAt,
    end,
    note,
    limit,
  } = alarm;
  const isStale = level === 'stale';
  const cameLate = raisedAt !== null && raisedSeenAt !== null && raisedSeenAt - raisedAt > SOON_MS;
  return (
    <ol class="trail" aria-label={words.trail.label}>
      <Step icon="next" at={since}>
        {isStale ? words.trail.lastReading : words.trail.crossed}
        {limit.for > 0 && <span class="sub"> {words.trail.waits(duration(limit.for))}</span>}
      </Step>
      {raisedAt !== null && (
        <Step icon={level} look={`is-${level}`} at={raisedAt}>
          <b>{words.trail.raised}</b>, {isStale ? words.trail.bySilence : words.trail.byReading}
          {cameLate && <span class="sub"> {words.trail.lateKnown(stamp(raisedSeenAt))}</span>}
        </Step>
      )}
      {deliveries.map((delivery) => (
        <Told key={`${delivery.channel} ${delivery.event} ${delivery.at}`} delivery={delivery} />
      ))}
      {acknowledgedBy !== null && (
        <Step icon="ok" at={acknowledgedAt}>
          {words.trail.seen(acknowledgedBy)}
          {note && <span class="sub"> “{note}”</span>}
        </Step>
      )}
      {clearedAt !== null ? (
        <Step icon="ok" at={clearedAt}>
          {words.trail.cleared} <span class="sub">{end === null ? '' : words.trail.ends[end]}</span>
        </Step>
      ) : (
        <Step icon="next" look="is-never" at={null}>
          <span class="sub">{words.clears.itself(clearWords(limit, look))}</span>
        </Step>
      )}
    </ol>
  );
}

function Told({ delivery }: { delivery: AlarmDelivery }) {
  const { channel, event, state, attempts, error, at, doneAt } = delivery;
  const isWell = state === 'sent' || (state === 'owed' && attempts === 0);
  const said =
    state === 'sent'
      ? words.trail.sent
      : state === 'owed'
        ? words.trail.owed(attempts, error)
        : state === 'refused'
          ? words.trail.refused(error)
          : words.trail.expired;
  const name = words.trail.event[event as keyof typeof words.trail.event] ?? event;
  return (
    <Step
      icon={isWell ? CHANNEL_ICONS[channel] : 'failed'}
      look={isWell ? '' : 'is-failed'}
      at={doneAt ?? at}
    >
      {words.trail.channel[channel]}{' '}
      <span class="sub">
        {name}, {said}
      </span>
    </Step>
  );
}

interface StepProps {
  readonly icon: IconName;
  readonly look?: string;
  readonly at: number | null;
  readonly children: ComponentChildren;
}

function Step({ icon, look = '', at, children }: StepProps) {
  return (
    <li>
      <span class={`step ${look}`}>
        <Icon name={icon} glyph={true} />
      </span>
      <span>{children}</span>
      {at !== null && <time title={stamp(at)}>{clock(at)}</time>}
    </li>
  );
}
