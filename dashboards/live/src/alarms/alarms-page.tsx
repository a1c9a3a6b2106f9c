import type { SessionView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { may } from '../command/permit.js';
import type { Fleet } from '../fleet/fleet.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { replace } from '../shell/navigation.js';
import { alarmsHref } from '../shell/route.js';
import { Tabs } from '../shell/tabs.js';
import { toast } from '../shell/toast.js';
import { alarms as words } from '../strings/alarms.js';
import { acknowledge as say } from './acknowledge.js';
import { AcknowledgeDialog } from './acknowledge-dialog.js';
import type { AlarmWatch } from './alarm-watch.js';
import { notify, sound, turnNotify, turnSound } from './announce.js';
import { ChannelsPanel } from './channels-panel.js';
import { NowPanel } from './now-panel.js';
import { PastPanel } from './past-panel.js';
import { RulesPanel } from './rules-panel.js';
import { useChannels } from './use-channels.js';

interface AlarmsPageProps {
  readonly socket: LiveSocket;
  readonly fleet: Fleet;
  readonly alarms: AlarmWatch;
  readonly who: SessionView;
  readonly search: URLSearchParams;
}

const TABS = ['now', 'past', 'rules', 'channels'] as const;

/** What is wrong, what was, by which rules, and who is told. */
export function AlarmsPage({ socket, fleet, alarms, who, search }: AlarmsPageProps) {
  const tab = TABS.find((each) => each === search.get('tab')) ?? 'now';
  const [asking, setAsking] = useState(false);
  const channels = useChannels();
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
    // Names of the devices, and what they read now.
    fleet.open();
    return () => fleet.close();
  }, [fleet]);
  const items = alarms.items.value;
  const unseen = items.filter(({ state }) => state === 'raised');
  const failing = channels.items.filter(({ state }) => state === 'retrying').length;
  const mayAcknowledge = may(who.role, 'operator');
  const acknowledge = (ids: readonly string[], note: string) => say(alarms, ids, note);
  const set = (name: string, value: string | null) => {
    const next = new URLSearchParams(search);
    if (value === null) next.delete(name);
    else next.set(name, value);
    replace(alarmsHref(next.toString()));
  };
  return (
    <main id="main" tabIndex={-1} class="page flush">
      <div class="head">
        <h1>{words.title}</h1>
        <span class="sub wide-only">{words.sum(items.length, unseen.length)}</span>
        <span class="grow" />
        <button
          type="button"
          class="btn bare"
          aria-pressed={sound.value}
          onClick={() => turnSound() && toast(words.sound.said, 'sound')}
        >
          <Icon name="sound" />
          {sound.value ? words.sound.on : words.sound.off}
        </button>
        <button
          type="button"
          class="btn bare wide-only"
          aria-pressed={notify.value}
          onClick={() => {
            void turnNotify().then((done) => {
              if (notify.value || !done) toast(done ? words.notify.said : words.notify.blocked, 'bell');
            });
          }}
        >
          <Icon name="bell" />
          {notify.value ? words.notify.on : words.notify.off}
        </button>
        {mayAcknowledge && unseen.length > 1 && (
          <button type="button" class="btn" onClick={() => setAsking(true)}>
            <Icon name="check" />
            {words.acknowledgeMany(unseen.length)}
          </button>
        )}
      </div>
      <Tabs
        label={words.title}
        tabs={TABS}
        names={words.tabs}
        tab={tab}
        notes={{
          ...(items.length > 0 ? { now: String(items.length) } : {}),
          ...(failing > 0 ? { channels: words.failing(failing) } : {}),
        }}
        onTab={(next) => set('tab', next === 'now' ? null : next)}
      />
      <div id={`panel-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'now' && (
          <NowPanel
            alarms={alarms}
            fleet={fleet}
            missed={socket.missed}
            level={search.get('level')}
            chosen={search.get('alarm')}
            mayAcknowledge={mayAcknowledge}
            onLevel={(level) => set('level', level)}
            onChoose={(id) => set('alarm', id)}
            onAcknowledge={acknowledge}
          />
        )}
        {tab === 'past' && <PastPanel alarms={alarms} fleet={fleet} />}
        {tab === 'rules' && <RulesPanel />}
        {tab === 'channels' && <ChannelsPanel channels={channels} mayTest={may(who.role, 'admin')} />}
      </div>
      {asking && (
        <AcknowledgeDialog alarms={unseen} onAcknowledge={acknowledge} onClose={() => setAsking(false)} />
      )}
    </main>
  );
}
