import type { SessionView } from '@fieldline/protocol/browser';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { AlarmWatch } from './alarms/alarm-watch.js';
import { tellRaised } from './alarms/tell-raised.js';
import { alarms as askAlarms } from './api/alarms.js';
import * as hub from './api/hub.js';
import { readiness } from './api/readiness.js';
import { firstRun, noteMissingAdmin } from './first-run/first-run.js';
import { Fleet } from './fleet/fleet.js';
import { FleetPage } from './fleet/fleet-page.js';
import { Arrivals } from './live/arrivals.js';
import { browserWorld } from './live/browser-world.js';
import { LiveSocket } from './live/socket.js';
import { Empty } from './shell/empty.js';
import { focusPage } from './shell/focus-page.js';
import { useKeys } from './shell/keys.js';
import { noteLag } from './shell/lag.js';
import { lazyDialog, lazyPage } from './shell/lazy-page.js';
import { LoginPage } from './shell/login-page.js';
import { go, route } from './shell/navigation.js';
import { Opening } from './shell/opening.js';
import { PLACES } from './shell/places.js';
import { askSession, confirmSession, logInByCode, session } from './shell/session.js';
import { SessionOverDialog } from './shell/session-over-dialog.js';
import { ShortcutsDialog } from './shell/shortcuts-dialog.js';
import { Strips } from './shell/strips.js';
import { TabBar } from './shell/tab-bar.js';
import { Toasts, toast } from './shell/toast.js';
import { TopBar, turnTheme } from './shell/top-bar.js';
import { link, words } from './strings.js';
import { HealthWatch } from './system/health.js';

const AlarmsPage = lazyPage(() => import('./alarms/alarms-page.js').then((part) => part.AlarmsPage));
const CommandsPage = lazyPage(() => import('./command/commands-page.js').then((part) => part.CommandsPage));
const ConnectPage = lazyPage(() => import('./connect/connect-page.js').then((part) => part.ConnectPage));
const DevicePage = lazyPage(() => import('./device/device-page.js').then((part) => part.DevicePage));
const FirstAdminPage = lazyPage(() =>
  import('./first-run/first-admin-page.js').then((part) => part.FirstAdminPage),
);
const MissingPage = lazyPage(() => import('./shell/missing-page.js').then((part) => part.MissingPage));
const Palette = lazyDialog(() => import('./shell/palette.js').then((part) => part.Palette));
const SystemPage = lazyPage(() => import('./system/system-page.js').then((part) => part.SystemPage));

/** Until the hub answers at all, the page asks again this often. */
const ASK_AGAIN_MS = 3_000;

/** The whole page: the door, or the shell with a view in it. */
export function App() {
  const [linkTrouble, setLinkTrouble] = useState<string>();
  const at = route.value;
  const code = at.page === 'login' ? at.code : null;
  const { state } = session.value;
  // At once: an effect waits for the first paint.
  useLayoutEffect(() => {
    if (code !== null) void logInByCode(code).then(setLinkTrouble);
    else void askSession();
  }, [code]);
  useEffect(() => {
    if (state !== 'unreachable') return;
    const timer = setInterval(() => void askSession(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [state]);

  // Past the end of a session the page stays, so that what was typed is not lost.
  if (session.value.state === 'in' && firstRun.value) return <FirstAdminPage />;
  if (session.value.state === 'in') return <Shell who={session.value.who} over={false} />;
  if (session.value.state === 'over') return <Shell who={session.value.who} over={true} />;
  if (session.value.state === 'unreachable') {
    return (
      <main class="doorway">
        <Empty art="waiting" head={link.awayHead} body={words.waitsForHub} />
      </main>
    );
  }
  if (session.value.state === 'out' && code === null) return <LoginPage trouble={linkTrouble} />;
  return <Opening />;
}

function Shell({ who, over }: { who: SessionView; over: boolean }) {
  const socket = useMemo(() => new LiveSocket(browserWorld), []);
  const fleet = useMemo(() => new Fleet(socket), [socket]);
  const watch = useMemo(() => new HealthWatch({ ask: readiness, now: browserWorld.now }), []);
  const arrivals = useMemo(() => new Arrivals(hub.system), []);
  const alarms = useMemo(() => new AlarmWatch(socket, askAlarms, tellRaised), [socket]);
  const openedAt = useMemo(() => browserWorld.now(), []);
  const [keysShown, setKeysShown] = useState(false);
  const [finding, setFinding] = useState(false);
  useEffect(() => {
    const stop = socket.listen((message) => {
      if (message.type === 'lag') noteLag(message);
      if (message.type === 'error') toast(link.refused(message.message), 'failed');
    });
    socket.open();
    return () => {
      stop();
      socket.close();
    };
  }, [socket]);
  useEffect(() => {
    watch.open();
    arrivals.open();
    alarms.open();
    return () => {
      watch.close();
      arrivals.close();
      alarms.close();
    };
  }, [watch, arrivals, alarms]);
  // A refused upgrade looks like any other break: only HTTP can tell that the session is over.
  const away = socket.link.value.state === 'retry';
  useEffect(() => {
    if (away) void confirmSession();
  }, [away]);
  useEffect(() => {
    if (!over) socket.tryNow();
  }, [over, socket]);
  useEffect(() => void noteMissingAdmin(who), [who]);
  const at = route.value;
  const place = at.page === 'device' ? at.id : at.page;
  // The page as it was opened keeps the focus where browsers put it.
  const opened = useRef(place);
  useEffect(() => {
    if (opened.current !== place) focusPage();
    opened.current = place;
  }, [place]);
  useKeys(SHELL_KEYS);
  useKeys({
    '?': () => setKeysShown(true),
    'Control k': (event) => {
      event.preventDefault();
      setFinding(true);
    },
  });

  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: the hash is the route, so the jump is made by hand */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        {words.skip}
      </a>
      <TopBar
        socket={socket}
        openedAt={openedAt}
        who={who}
        page={at.page}
        onShortcuts={() => setKeysShown(true)}
        onFind={() => setFinding(true)}
        arrivals={arrivals}
        alarms={alarms}
      />
      <Strips socket={socket} watch={at.page === 'system' ? null : watch} arrivals={arrivals} />
      {at.page === 'device' ? (
        <DevicePage key={at.id} socket={socket} alarms={alarms} id={at.id} search={at.search} />
      ) : at.page === 'alarms' ? (
        <AlarmsPage socket={socket} fleet={fleet} alarms={alarms} who={who} search={at.search} />
      ) : at.page === 'connect' ? (
        <ConnectPage socket={socket} who={who} search={at.search} />
      ) : at.page === 'commands' ? (
        <CommandsPage socket={socket} fleet={fleet} search={at.search} />
      ) : at.page === 'system' ? (
        <SystemPage watch={watch} search={at.search} />
      ) : at.page === 'missing' ? (
        <MissingPage />
      ) : (
        <FleetPage fleet={fleet} search={at.page === 'fleet' ? at.search : NO_SEARCH} arrivals={arrivals} />
      )}
      <TabBar page={at.page} alarms={alarms} />
      <ShortcutsDialog open={keysShown} onClose={() => setKeysShown(false)} />
      {finding && (
        <Palette fleet={fleet} onShortcuts={() => setKeysShown(true)} onClose={() => setFinding(false)} />
      )}
      {over && <SessionOverDialog who={who} />}
      <Toasts />
    </>
  );
}

/** `g` and a letter, or `n`, for the places; `t` for the theme. */
const SHELL_KEYS = {
  ...Object.fromEntries(PLACES.map(({ keys, href }) => [keys, () => go(href)])),
  t: turnTheme,
};
const NO_SEARCH = new URLSearchParams();
