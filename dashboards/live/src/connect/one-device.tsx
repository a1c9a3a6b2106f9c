import {
  type ConnectionView,
  type DeviceView,
  deviceSocketUrl,
  type ProfileDocument,
} from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import * as hub from '../api/connect.js';
import { profiles as allProfiles } from '../api/hub.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { Loading } from '../shell/loading.js';
import { replace } from '../shell/navigation.js';
import { connectHref } from '../shell/route.js';
import { connect as words } from '../strings/connect.js';
import { watch as watchWords } from '../strings/watch.js';
import { addressesFor } from './addresses.js';
import { IdentityForm } from './identity-form.js';
import { ProfileStep } from './profile-step.js';
import { SketchStep } from './sketch-step.js';
import { TokenPanel } from './token-panel.js';
import type { Watched } from './use-sightings.js';
import { WatchPanel } from './watch-panel.js';

/** Readings that came so long before somebody came back to this page still count as first ones. */
const LOOK_BACK_MS = 600_000;
/** The device may be faster than the answer that registered it. */
const SLACK_MS = 2_000;

interface OneDeviceProps {
  readonly socket: LiveSocket;
  /** The device that the address names; null for a new one. */
  readonly named: string | null;
}

interface Known {
  readonly profiles: readonly ProfileDocument[];
  readonly connection: ConnectionView;
  /** The device that the address names, where there is one. */
  readonly device: DeviceView | null;
}

/** Connects one device, from its kind to its first reading. */
export function OneDevice({ socket, named }: OneDeviceProps) {
  const [known, setKnown] = useState<Known>();
  const [trouble, setTrouble] = useState('');
  const [turn, setTurn] = useState(0);
  // What the address named at first; afterwards the address follows the wizard.
  useEffect(() => {
    let isOver = false;
    setTrouble('');
    Promise.all([allProfiles(), hub.connectionInfo(), named === null ? null : hub.deviceOrNull(named)]).then(
      ([profiles, connection, device]) => !isOver && setKnown({ profiles, connection, device }),
      (error) => !isOver && setTrouble(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isOver = true;
    };
  }, [turn]);
  if (known) return <Wizard socket={socket} known={known} />;
  return (
    <section class="panel">
      {trouble === '' ? (
        <Loading rows={6} label={words.loading} />
      ) : (
        <div class="note is-alarm" role="alert">
          <Icon name="failed" />
          <div>
            <b>{words.failedHead}</b>
            <p>{trouble}</p>
          </div>
          <button type="button" class="btn tiny" onClick={() => setTurn(turn + 1)}>
            {words.askAgain}
          </button>
        </div>
      )}
    </section>
  );
}

function Wizard({
  socket,
  known: { profiles, connection, device: first },
}: {
  socket: LiveSocket;
  known: Known;
}) {
  const [watched, setWatched] = useState<Watched | null>(first && watchedFrom(first, LOOK_BACK_MS));
  const [token, setToken] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(profiles[0]?.profile ?? null);
  const [hubUrl, setHubUrl] = useState(() => addressesFor(location.origin, connection)[0] ?? location.origin);
  const device = watched?.before ?? null;
  const profileName = device === null ? chosen : device.profile;
  const profile = profiles.find((each) => each.profile === profileName) ?? null;

  const begin = (next: DeviceView, itsToken: string | null) => {
    setToken(itsToken);
    setWatched(watchedFrom(next, itsToken === null ? LOOK_BACK_MS : SLACK_MS));
    // So that a reload, or the way back, finds the device again. The token is gone then, as it should be.
    replace(connectHref(`device=${encodeURIComponent(next.id)}`));
  };
  const another = () => {
    setWatched(null);
    setToken(null);
    replace(connectHref());
  };

  return (
    <div class="side wide">
      <div class="stack">
        <ProfileStep profiles={profiles} chosen={profileName} fixed={device !== null} onChoose={setChosen} />
        <section class="panel" aria-labelledby="its-head">
          <header>
            <span class="stepno">2</span>
            <h2 id="its-head">{words.its}</h2>
          </header>
          {device === null ? (
            <IdentityForm
              profile={chosen}
              onMade={(made) => begin(made.device, made.token)}
              onUse={(other) => begin(other, null)}
            />
          ) : (
            <TokenPanel device={device} token={token} onToken={setToken} />
          )}
        </section>
        {device === null ? (
          <section class="panel" aria-labelledby="put-head">
            <header>
              <span class="stepno">3</span>
              <h2 id="put-head">{words.put}</h2>
            </header>
            <p class="pad sub">{words.putLater}</p>
          </section>
        ) : (
          <SketchStep
            connection={connection}
            profile={profile}
            device={device.id}
            token={token}
            hubUrl={hubUrl}
            onHubUrl={setHubUrl}
          />
        )}
      </div>
      {watched === null ? (
        <section class="panel watch" aria-labelledby="watch-head">
          <header>
            <Icon name="plug" />
            <h2 id="watch-head">{watchWords.beforeHead}</h2>
          </header>
          <p class="pad sub">{watchWords.beforeBody}</p>
        </section>
      ) : (
        <WatchPanel
          socket={socket}
          watched={watched}
          profile={profile}
          socketUrl={deviceSocketUrl(hubUrl)}
          loopbackOnly={connection.loopbackOnly}
          onAnother={another}
        />
      )}
    </div>
  );
}

function watchedFrom(device: DeviceView, lookBackMs: number): Watched {
  return { id: device.id, since: Math.round(hubClock.now()) - lookBackMs, before: device };
}
