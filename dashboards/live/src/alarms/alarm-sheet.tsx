import type { AlarmDetail, AlarmView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import type { LiveDevice } from '../live/device.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { deviceHref } from '../shell/route.js';
import { alarms as words } from '../strings/alarms.js';
import { NowValue } from './alarm-row.js';
import { lookIn, whatWords } from './alarm-words.js';
import { BreachChart } from './breach-chart.js';
import { QuietControl } from './quiet-control.js';
import { quiets } from './quiets.js';
import { Trail } from './trail.js';

interface AlarmSheetProps {
  readonly alarm: AlarmView;
  readonly device: LiveDevice | undefined;
  /** The breaks of the live connection. */
  readonly missed: LiveSocket['missed'];
  /** Changes whenever an alarm has: how it was told may have, too. */
  readonly changes: number;
  readonly mayAcknowledge: boolean;
  readonly onAcknowledge: (note: string) => Promise<boolean>;
  readonly onClose: () => void;
}

/** One alarm: what happened, who was told, and by what it clears. */
export function AlarmSheet(props: AlarmSheetProps) {
  const { alarm, device, missed, changes, mayAcknowledge, onAcknowledge, onClose } = props;
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const { deliveries, trouble } = useDetail(alarm, changes, quiets.of(alarm)?.until);
  const look = lookIn(device?.view.profile ?? null, alarm.metric);
  const icon = alarm.state === 'waiting' ? 'next' : alarm.level;
  return (
    <section class="panel sheet" aria-labelledby="alarm-head">
      <header>
        <span class={alarm.state === 'waiting' ? 'is-never' : `is-${alarm.level}`}>
          <Icon name={icon} glyph={true} />
        </span>
        <h2 id="alarm-head">{whatWords(alarm.limit, look)}</h2>
        <span class="grow" />
        <button type="button" class="btn bare sq" aria-label={words.close} onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      <div class="pad stack">
        <div class="row wrap">
          <a href={deviceHref(alarm.device)}>
            <b>{device?.name ?? alarm.device}</b>
          </a>
          <span class="sub mono small">{alarm.device}</span>
          {Object.entries(device?.view.tags ?? {}).map(([tag, value]) => (
            <span key={tag} class="tag">
              {tag} {value}
            </span>
          ))}
          <span class="grow" />
          {alarm.metric !== null && (
            <b class={`is-${alarm.level}`}>
              <NowValue alarm={alarm} device={device} />
            </b>
          )}
        </div>
        {device && look?.numeric && <BreachChart alarm={alarm} missed={missed} device={device} look={look} />}
        <Trail alarm={alarm} look={look} deliveries={deliveries} />
        {trouble !== '' && <p class="sub">{words.trail.failed(trouble)}</p>}
        {alarm.state === 'raised' && mayAcknowledge && (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              setBusy(true);
              void onAcknowledge(note).then(() => setBusy(false));
            }}
          >
            <label class="field">
              <span>{words.note}</span>
              <input
                class="in"
                maxLength={256}
                placeholder={words.notePlaceholder}
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            </label>
            <div class="row wrap">
              <button type="submit" class="btn main" aria-busy={busy}>
                <Icon name="check" />
                {words.acknowledge}
              </button>
              <a class="btn" href={deviceHref(alarm.device)}>
                {words.openDevice}
              </a>
              <QuietControl alarm={alarm} may={mayAcknowledge} />
            </div>
          </form>
        )}
        {(alarm.state === 'acknowledged' || (alarm.state === 'raised' && !mayAcknowledge)) && (
          <QuietControl alarm={alarm} may={mayAcknowledge} />
        )}
        {alarm.state === 'raised' && !mayAcknowledge && (
          <p class="sub">
            <Icon name="lock" /> {words.needsOperator}
          </p>
        )}
      </div>
    </section>
  );
}

const SOON_MS = 3_000;

/** How an alarm was told: asked for when it is shown, when an alarm or its quiet has changed, and while something is owed. */
function useDetail(alarm: AlarmView, changes: number, quietUntil: number | undefined) {
  const [deliveries, setDeliveries] = useState<AlarmDetail['deliveries']>([]);
  const [trouble, setTrouble] = useState('');
  const isWaiting = alarm.state === 'waiting';
  // Asked for again when an alarm has changed, or people are called again.
  useEffect(() => {
    if (isWaiting) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async () => {
      try {
        const detail = await hub.alarm(alarm.id);
        if (gone) return;
        setDeliveries(detail.deliveries);
        setTrouble('');
        if (detail.deliveries.some(({ state }) => state === 'owed')) timer = setTimeout(ask, SOON_MS);
      } catch (error) {
        if (!gone) setTrouble(error instanceof Error ? error.message : String(error));
      }
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [alarm.id, isWaiting, changes, quietUntil]);
  return { deliveries, trouble };
}
