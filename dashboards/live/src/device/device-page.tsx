import { useComputed } from '@preact/signals';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import type { AlarmWatch } from '../alarms/alarm-watch.js';
import { CommandsTab } from '../command/commands-tab.js';
import { barOf } from '../command/permit.js';
import { isUnderWay } from '../command/progress.js';
import { ConfigTab } from '../config/config-tab.js';
import { num } from '../format/number.js';
import type { LiveDevice } from '../live/device.js';
import { profiles } from '../live/profiles.js';
import { pulse } from '../live/pulse.js';
import type { LiveSocket } from '../live/socket.js';
import { Empty } from '../shell/empty.js';
import { useKeys } from '../shell/keys.js';
import { Loading } from '../shell/loading.js';
import { go, replace } from '../shell/navigation.js';
import { type PageAction, usePageActions } from '../shell/page-actions.js';
import { deviceHref, fleetHref } from '../shell/route.js';
import { role } from '../shell/session.js';
import { commands as commandWords } from '../strings/commands.js';
import { config as configWords } from '../strings/config.js';
import { palette } from '../strings/palette.js';
import { recorder as recorderWords, device as words } from '../strings.js';
import { DeviceHead } from './device-head.js';
import { DeviceSession } from './device-session.js';
import { Counters, Facts } from './facts.js';
import { GrafanaLink } from './grafana-link.js';
import { LogPanel } from './log-panel.js';
import { metricsOf } from './metrics.js';
import { QuarantinePanel } from './quarantine-panel.js';
import { RangeBar } from './range-bar.js';
import { RANGES } from './ranges.js';
import { RawPanel } from './raw-panel.js';
import { Readouts } from './readouts.js';
import { RecorderView } from './recorder-view.js';
import { type Tab, TabList, tabOf } from './tab-list.js';
import { nameView, viewIn } from './view-address.js';

/** The address follows the view after so long. */
const ADDRESS_MS = 150;

interface DevicePageProps {
  readonly socket: LiveSocket;
  readonly alarms: AlarmWatch;
  readonly id: string;
  readonly search: URLSearchParams;
}

/** One device: how it is, what it read, what it said, what was refused. */
export function DevicePage({ socket, alarms, id, search }: DevicePageProps) {
  const session = useMemo(() => new DeviceSession(socket, id), [socket, id]);
  useEffect(() => {
    session.open();
    return () => session.close();
  }, [session]);
  const status = session.status.value;
  return (
    <main id="main" tabIndex={-1} class="page flush">
      {status.kind === 'loading' && <Loading rows={6} label={id} />}
      {status.kind === 'unknown' && <NoDevice head={words.unknownHead} body={words.unknownBody(id)} />}
      {status.kind === 'failed' && <NoDevice head={words.failedHead} body={status.reason} />}
      {status.kind === 'ready' && (
        <Known session={session} device={status.device} alarms={alarms} search={search} />
      )}
    </main>
  );
}

function NoDevice({ head, body }: { head: string; body: string }) {
  return (
    <section class="panel">
      <Empty art="nothing" head={head} body={body}>
        <div class="row">
          <a class="btn" href={fleetHref()}>
            {words.toFleet}
          </a>
        </div>
      </Empty>
    </section>
  );
}

interface KnownProps {
  readonly session: DeviceSession;
  readonly device: LiveDevice;
  readonly alarms: AlarmWatch;
  readonly search: URLSearchParams;
}

function Known({ session, device, alarms, search }: KnownProps) {
  const { recorder } = session;
  const refresh = useCallback(() => session.refresh(), [session]);
  const tab = tabOf(search.get('tab'));
  const view = recorder.view.value;
  const named = ['range', 'from', 'to'].map((name) => search.get(name)).join(' ');
  useEffect(() => recorder.look(viewIn(search)), [recorder, named]);
  const address = (next: Tab) => {
    const params = new URLSearchParams();
    if (next !== 'charts') params.set('tab', next);
    nameView(recorder.view.peek(), params);
    replace(deviceHref(device.id) + (params.size > 0 ? `?${params}` : ''));
  };
  useEffect(() => {
    // A wheel changes the view many times a second, for which browsers refuse to change the address.
    const timer = setTimeout(() => address(tab), ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [tab, view]);
  useEffect(() => {
    document.title = `${device.name} · Fieldline`;
  }, [device.name]);
  const onCharts = (does: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
    if (tab === 'charts') does(event);
  };
  const zoomBy = (factor: number) =>
    onCharts(() => {
      const { end } = recorder.view.peek();
      recorder.zoomAround(factor, recorder.at.peek() ?? end ?? pulse.peek());
    });
  useKeys({
    ...Object.fromEntries(
      RANGES.map((range, index) => [String(index + 1), onCharts(() => recorder.follow(range.spanMs))]),
    ),
    ' ': onCharts((event) => {
      if (event.target instanceof HTMLElement && event.target.closest('button, a')) return;
      event.preventDefault();
      recorder.pause();
    }),
    '+': zoomBy(1 / 2),
    '-': zoomBy(2),
    '0': onCharts(() => recorder.home()),
  });

  usePageActions(deviceActions(device, address));

  // Which metrics there are changes seldom; their values are read by what draws them.
  const kinds = useComputed(() => {
    void device.changed.value;
    return [...device.latest].map(([key, { value }]) => `${key}:${typeof value}`).join(' ');
  }).value;
  const notes = useNotes(session, device);
  const profile = profiles.get(device.view.profile);
  const looks = useMemo(() => metricsOf(device, profile), [device, profile, kinds]);

  useEffect(() => {
    const keys = (numeric: boolean) => looks.filter((look) => look.numeric === numeric).map(({ key }) => key);
    recorder.show(keys(true), keys(false));
  }, [recorder, looks]);

  return (
    <>
      <DeviceHead device={device} alarms={alarms} onCommands={() => address('commands')} />
      {looks.length > 0 && <Readouts device={device} looks={looks} recorder={recorder} />}
      <TabList tab={tab} notes={notes} onTab={address} />
      <div class="side">
        <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} class="stack charts">
          {tab === 'charts' && looks.length === 0 && <NoReading />}
          {tab === 'charts' && looks.length > 0 && (
            <>
              <RangeBar recorder={recorder} device={device} looks={looks} />
              <RecorderView
                recorder={recorder}
                device={device}
                connections={session.connections}
                looks={looks}
              />
              <div class="row wrap">
                <Legend limits={looks.some((look) => look.limits.length > 0)} />
                <span class="grow" />
                <GrafanaLink id={device.id} recorder={recorder} />
              </div>
            </>
          )}
          {tab === 'commands' && (
            <CommandsTab device={device} log={session.commands} asked={search.get('command')} />
          )}
          {tab === 'config' && <ConfigTab device={device} refresh={refresh} />}
          {tab === 'log' && (
            <LogPanel id={device.id} live={session.log.value} connections={session.connections} />
          )}
          {tab === 'raw' && <RawPanel session={session} device={device} />}
          {tab === 'quarantine' && <QuarantinePanel device={device} />}
        </div>
        <aside class="stack" aria-label={words.tabsName}>
          <Facts device={device} connections={session.connections} />
          <Counters device={device} />
        </aside>
      </div>
    </>
  );
}

/** What can be asked of the device, by its profile, and its parts: for the palette. */
function deviceActions(device: LiveDevice, onTab: (tab: Tab) => void): PageAction[] {
  const { id, view } = device;
  const commands = barOf(view, role(), 'command') === null ? profiles.get(view.profile).commands : {};
  const asked = Object.entries(commands ?? {}).map(
    ([name, { title }]): PageAction => ({
      group: 'device',
      name: palette.asCommand(title ?? name),
      icon: 'cmd',
      run: () => go(`${deviceHref(id)}?tab=commands&command=${encodeURIComponent(name)}`),
    }),
  );
  const parts = Object.entries(words.tabs).map(
    ([tab, name]): PageAction => ({ group: 'device', name, icon: 'right', run: () => onTab(tabOf(tab)) }),
  );
  return [...asked, ...parts];
}

/** What the tabs say of what is open: commands on their way, a configuration that is not applied, what was refused. */
function useNotes(session: DeviceSession, device: LiveDevice): Partial<Record<Tab, string>> {
  const way = useComputed(() => session.commands.items.value.filter(isUnderWay).length).value;
  const state = useComputed(() => {
    void device.changed.value;
    return device.view.config.state;
  }).value;
  const rejected = useComputed(() => {
    void device.changed.value;
    return device.view.counters.rejected;
  }).value;
  return {
    ...(way > 0 && { commands: commandWords.underWay(way) }),
    ...(rejected > 0 && { quarantine: num(rejected, 0) }),
    ...((state === 'pending' || state === 'rejected') && { config: configWords.badge[state] }),
  };
}

function NoReading() {
  return (
    <section class="panel">
      <Empty art="waiting" head={words.noMetricHead} body={words.noMetricBody}>
        <pre class="frame">{words.noMetricCode}</pre>
      </Empty>
    </section>
  );
}

function Legend({ limits }: { limits: boolean }) {
  const { mean, band, limit, gap, late } = recorderWords.legend;
  return (
    <div class="legend inset" aria-hidden="true">
      <span>
        <i class="l-mean" />
        {mean}
      </span>
      <span>
        <i class="l-band" />
        {band}
      </span>
      {limits && (
        <span>
          <i class="l-limit" />
          {limit}
        </span>
      )}
      <span>
        <i class="l-gap" />
        {gap}
      </span>
      <span>
        <i class="l-late" />
        {late}
      </span>
    </div>
  );
}
