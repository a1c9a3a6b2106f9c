import type { Role } from '@fieldline/protocol/browser';
import { useEffect, useMemo } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { AuditPanel } from '../audit/audit-panel.js';
import { may } from '../command/permit.js';
import { clock } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { LogInsPanel } from '../people/log-ins-panel.js';
import { TokensPanel } from '../people/tokens-panel.js';
import { UsersPanel } from '../people/users-panel.js';
import { ProfilesPanel } from '../profiles/profiles-panel.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { replace } from '../shell/navigation.js';
import { systemHref } from '../shell/route.js';
import { role, session } from '../shell/session.js';
import { Tabs } from '../shell/tabs.js';
import { system as words } from '../strings/system.js';
import { Flow } from './flow.js';
import type { Health, HealthWatch } from './health.js';
import { JournalPanel } from './journal-panel.js';
import { ProcessPanel } from './process-panel.js';
import { RejectsPanel } from './rejects-panel.js';
import { SinkPanel } from './sink-panel.js';
import { SystemWatch } from './system-watch.js';
import { Trends } from './trends.js';
import { troubles } from './trouble.js';

/** An answer older than this is told with its time. */
const OLD_MS = 6_000;

const TABS = ['overview', 'audit', 'people', 'log-ins', 'profiles'] as const;
type Tab = (typeof TABS)[number];

/** The parts that somebody may see. */
const tabsFor = (role: Role): readonly Tab[] =>
  may(role, 'admin') ? TABS : ['overview', 'log-ins', 'profiles'];

/** How the hub itself is: what has been taken in, and where it has got to. */
export function SystemPage({ watch, search }: { watch: HealthWatch; search: URLSearchParams }) {
  const health = watch.health.value;
  const now = pulse.value;
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
    void watch.ask();
  }, [watch]);
  const named = search.get('tab');
  const tabs = tabsFor(role());
  const tab = tabs.find((each) => each === named) ?? 'overview';
  const worst = health && troubles(health, now)[0];
  return (
    <main id="main" tabIndex={-1} class="page flush">
      <div class="head">
        <h1>{words.title}</h1>
        {worst && (
          <span class={`badge is-${worst.grade}`}>
            <Icon name={worst.grade} glyph />
            {words.badge(worst)}
          </span>
        )}
        <span class="grow" />
        {health && now - health.at > OLD_MS && <span class="sub small">{words.from(clock(health.at))}</span>}
      </div>
      <Tabs
        label={words.title}
        tabs={tabs}
        names={words.tabs}
        tab={tab}
        onTab={(next) => replace(systemHref(next === 'overview' ? '' : `tab=${next}`))}
      />
      {tab === 'overview' && <Overview health={health} />}
      {tab === 'audit' && (
        <div role="tabpanel" id="panel-audit" aria-labelledby="tab-audit">
          <AuditPanel />
        </div>
      )}
      {tab === 'people' && (
        <div class="stack" role="tabpanel" id="panel-people" aria-labelledby="tab-people">
          <UsersPanel me={session.value.state === 'in' ? session.value.who.name : ''} />
          <TokensPanel />
        </div>
      )}
      {tab === 'log-ins' && (
        <div role="tabpanel" id="panel-log-ins" aria-labelledby="tab-log-ins">
          <LogInsPanel />
        </div>
      )}
      {tab === 'profiles' && (
        <div class="stack" role="tabpanel" id="panel-profiles" aria-labelledby="tab-profiles">
          <ProfilesPanel name={search.get('profile')} />
        </div>
      )}
    </main>
  );
}

function Overview({ health }: { health: Health | null | undefined }) {
  const watch = useMemo(() => new SystemWatch(hub.system), []);
  useEffect(() => {
    watch.open();
    return () => watch.close();
  }, [watch]);
  const news = watch.news.value;
  if (!health) {
    return (
      <section class="panel">
        <Loading rows={4} label={words.loading} />
      </section>
    );
  }
  return (
    <div class="stack" role="tabpanel" id="panel-overview" aria-labelledby="tab-overview">
      <Flow health={health} news={news} />
      {news && <Trends news={news} />}
      <div class="parts">
        <JournalPanel journal={health.journal} news={news} />
        {news && <RejectsPanel view={news.view} />}
        {news && <ProcessPanel news={news} />}
        {health.sinks.map((sink) => (
          <SinkPanel key={sink.name} sink={sink} />
        ))}
      </div>
    </div>
  );
}
