import type { SessionView } from '@fieldline/protocol/browser';
import { useEffect } from 'preact/hooks';
import { may } from '../command/permit.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { replace } from '../shell/navigation.js';
import { connectHref } from '../shell/route.js';
import { Tabs } from '../shell/tabs.js';
import { connect as words } from '../strings/connect.js';
import { ClaimsPanel } from './claims-panel.js';
import { OneDevice } from './one-device.js';
import { PendingPanel } from './pending-panel.js';

interface ConnectPageProps {
  readonly socket: LiveSocket;
  readonly who: SessionView;
  readonly search: URLSearchParams;
}

const TABS = ['one', 'fleet'] as const;

/** The way in for new devices: one, or many by claim keys. */
export function ConnectPage({ socket, who: { role }, search }: ConnectPageProps) {
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
  }, []);
  const tab = search.get('tab') === 'fleet' ? 'fleet' : 'one';
  const isAdmin = may(role, 'admin');
  return (
    <main id="main" tabIndex={-1} class="page flush">
      <div class="head">
        <h1>{words.title}</h1>
        {tab === 'one' && <span class="sub wide-only">{words.sub}</span>}
      </div>
      <Tabs
        label={words.tabsName}
        tabs={TABS}
        names={words.tabs}
        tab={tab}
        onTab={(next) => replace(connectHref(next === 'one' ? '' : `tab=${next}`))}
      />
      <div class="stack" role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {!isAdmin && (
          <div class="note">
            <Icon name="lock" />
            <div>
              <b>{words.locked}</b>
              <p>{words.lockedBody(role)}</p>
            </div>
          </div>
        )}
        {tab === 'one' && isAdmin && <OneDevice socket={socket} named={search.get('device')} />}
        {tab === 'fleet' && may(role, 'operator') && <PendingPanel />}
        {tab === 'fleet' && isAdmin && <ClaimsPanel />}
      </div>
    </main>
  );
}
