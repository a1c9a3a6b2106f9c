import type { AlarmView } from '@fieldline/protocol/browser';
import { age, duration } from '../format/age.js';
import { figure } from '../format/metric.js';
import { clock, stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { Icon } from '../shell/icon.js';
import { alarms as words } from '../strings/alarms.js';
import { lookIn, whatWords } from './alarm-words.js';
import { quiets } from './quiets.js';

interface AlarmRowProps {
  readonly alarm: AlarmView;
  readonly device: LiveDevice | undefined;
  readonly selected: boolean;
  readonly onChoose: () => void;
}

/** One alarm that is raised, or waits: bold until somebody has seen it. */
export function AlarmRow({ alarm, device, selected, onChoose }: AlarmRowProps) {
  const look = lookIn(device?.view.profile ?? null, alarm.metric);
  const isSeen = alarm.state !== 'raised';
  const quiet = quiets.of(alarm);
  const what = whatWords(alarm.limit, look);
  return (
    <tr
      aria-selected={selected}
      class={isSeen ? 'quiet' : ''}
      onClick={onChoose}
      data-alarm={alarm.id}
      data-state={alarm.state}
    >
      <td>
        <span
          class={alarm.state === 'waiting' ? 'is-never' : `is-${alarm.level}`}
          title={words.level[alarm.level]}
        >
          <Icon name={alarm.state === 'waiting' ? 'next' : alarm.level} glyph={true} />
          <span class="vh">{words.level[alarm.level]}</span>
        </span>
      </td>
      <td>
        <button type="button" class="what" aria-expanded={selected}>
          {what}
        </button>
        <div class="sub">
          {device?.name ?? alarm.device} <span class="mono small">{alarm.device}</span>{' '}
          {quiet && <span class="badge">{words.quiet.badge(clock(quiet.until))}</span>}
        </div>
      </td>
      <td class="n">
        <NowValue alarm={alarm} device={device} />
      </td>
      <td class="nowrap">
        <Raised alarm={alarm} />
      </td>
      <td class={alarm.state === 'acknowledged' ? 'who' : 'small'}>
        {alarm.state === 'waiting' ? (
          <span class="sub">{words.now.waiting}</span>
        ) : alarm.acknowledgedBy === null ? (
          <b>{words.now.nobody}</b>
        ) : (
          <>
            {alarm.acknowledgedBy}, {clock(alarm.acknowledgedAt ?? 0)}
            {alarm.note && <div class="note-text">“{alarm.note}”</div>}
          </>
        )}
      </td>
    </tr>
  );
}

/** What the metric reads now; before a reading is known, what the alarm was raised by. */
export function NowValue({ alarm, device }: { alarm: AlarmView; device: LiveDevice | undefined }) {
  void pulse.value;
  if (alarm.metric === null) return <>{words.now.noValue}</>;
  const look = lookIn(device?.view.profile ?? null, alarm.metric);
  const value = device?.latest.get(alarm.metric)?.value ?? alarm.worst;
  if (look === null || value === null) return <>{words.now.noValue}</>;
  const { text, unit } = figure(look, value);
  return (
    <>
      {text}
      {unit !== '' && <span class="u">{unit}</span>}
    </>
  );
}

function Raised({ alarm }: { alarm: AlarmView }) {
  const now = pulse.value;
  if (alarm.raisedAt === null) {
    const rest = Math.max(0, alarm.since + alarm.limit.for - now);
    return <span class="sub">{words.now.waitingFor(duration(rest))}</span>;
  }
  return (
    <>
      <span title={stamp(alarm.raisedAt)}>{age(now - alarm.raisedAt)}</span>{' '}
      <span class="sub small">{clock(alarm.raisedAt)}</span>
    </>
  );
}
