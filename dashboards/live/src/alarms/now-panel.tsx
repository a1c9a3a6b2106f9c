import type { AlarmView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';
import type { Fleet } from '../fleet/fleet.js';
import { useNames } from '../fleet/use-names.js';
import type { LiveSocket } from '../live/socket.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { useKeys } from '../shell/keys.js';
import { Loading } from '../shell/loading.js';
import { alarms as words } from '../strings/alarms.js';
import { AlarmRow } from './alarm-row.js';
import { AlarmSheet } from './alarm-sheet.js';
import type { AlarmWatch } from './alarm-watch.js';
import { byNeed } from './alarm-words.js';
import { CalmPanel } from './calm-panel.js';
import { ALARM_LEVELS_SHOWN, type ShownLevel } from './levels.js';
import { quiets } from './quiets.js';

interface NowPanelProps {
  readonly alarms: AlarmWatch;
  readonly fleet: Fleet;
  /** The breaks of the live connection. */
  readonly missed: LiveSocket['missed'];
  readonly level: string | null;
  /** Id of the alarm whose detail is shown. */
  readonly chosen: string | null;
  readonly mayAcknowledge: boolean;
  readonly onLevel: (level: ShownLevel | null) => void;
  readonly onChoose: (id: string | null) => void;
  readonly onAcknowledge: (ids: readonly string[], note: string) => Promise<boolean>;
}

const ASK_WAITING_MS = 5_000;
const ASK_QUIETS_MS = 10_000;
/** Rows that are drawn; whoever has more filters. */
const MOST = 500;

/** What is raised, by need, and what waits for its time; the chosen one beside it, as a sheet on a phone. */
export function NowPanel(props: NowPanelProps) {
  const { alarms, fleet, missed, chosen, mayAcknowledge, onLevel, onChoose, onAcknowledge } = props;
  void fleet.changed.value;
  const waiting = useWaiting(alarms.changes.value);
  const level = ALARM_LEVELS_SHOWN.find((each) => each === props.level) ?? null;
  const all = alarms.items.value;
  useNames(fleet, all);
  useQuiets(alarms.changes.value);
  const fits = (alarm: AlarmView) => level === null || alarm.level === level;
  const shown = [...all.filter(fits).sort(byNeed), ...waiting.filter(fits)].slice(0, MOST);
  const one = shown.find(({ id }) => id === chosen) ?? null;
  const step = (by: number) => {
    const at = shown.findIndex(({ id }) => id === chosen);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    if (next) onChoose(next.id);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Escape: () => one && onChoose(null),
    a: () => {
      if (mayAcknowledge && one?.state === 'raised') void onAcknowledge([one.id], '');
    },
  });
  if (all.length === 0 && waiting.length === 0) {
    if (alarms.state.value === 'loading') return <Loading rows={4} label={words.title} />;
    return <CalmPanel alarms={alarms} fleet={fleet} />;
  }
  return (
    <div class={one ? 'side wide' : ''}>
      <section class="panel">
        <fieldset class="seg levels" aria-label={words.now.filter}>
          <button type="button" aria-pressed={level === null} onClick={() => onLevel(null)}>
            {words.now.all}
          </button>
          {ALARM_LEVELS_SHOWN.map((each) => (
            <button key={each} type="button" aria-pressed={level === each} onClick={() => onLevel(each)}>
              <Icon name={each} />
              {words.level[each]}{' '}
              <span class="num sub">{all.filter((alarm) => alarm.level === each).length}</span>
            </button>
          ))}
        </fieldset>
        {shown.length === 0 ? (
          <Empty art="nothing" head={words.now.noMatchHead} body={words.now.noMatchBody(all.length)}>
            <button type="button" class="btn" onClick={() => onLevel(null)}>
              {words.now.showAll}
            </button>
          </Empty>
        ) : (
          <table class="tb al" aria-label={words.now.label}>
            <thead>
              <tr>
                <th>
                  <span class="vh">{words.now.columns.level}</span>
                </th>
                <th>{words.now.columns.what}</th>
                <th class="n">{words.now.columns.value}</th>
                <th>{words.now.columns.raised}</th>
                <th>{words.now.columns.seen}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((alarm) => (
                <AlarmRow
                  key={alarm.id}
                  alarm={alarm}
                  device={fleet.devices.get(alarm.device)}
                  selected={alarm.id === chosen}
                  onChoose={() => onChoose(alarm.id === chosen ? null : alarm.id)}
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {one && (
        <AlarmSheet
          key={one.id}
          alarm={one}
          device={fleet.devices.get(one.device)}
          missed={missed}
          changes={alarms.changes.value}
          mayAcknowledge={mayAcknowledge}
          onAcknowledge={(note) => onAcknowledge([one.id], note)}
          onClose={() => onChoose(null)}
        />
      )}
    </div>
  );
}

/** Keeps what is quiet true: others make it so, and it ends by itself. */
function useQuiets(changes: number): void {
  // Asked for again when an alarm has changed.
  useEffect(() => {
    // The hub is away: the shell says so.
    const ask = () => void quiets.ask().catch(() => {});
    ask();
    const timer = setInterval(ask, ASK_QUIETS_MS);
    return () => clearInterval(timer);
  }, [changes]);
}

/** Limits that are crossed and do not count yet: asked for every few seconds, since most come to nothing. */
function useWaiting(changes: number): readonly AlarmView[] {
  const [items, setItems] = useState<readonly AlarmView[]>([]);
  // What has been raised waits no more.
  useEffect(() => {
    let gone = false;
    const ask = () =>
      hub.alarms('waiting').then(
        (page) => !gone && setItems(page.items),
        // The hub is away: the shell says so.
        () => {},
      );
    void ask();
    const timer = setInterval(ask, ASK_WAITING_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [changes]);
  return items;
}
