import type { ProfileDocument } from '@fieldline/protocol/browser';
import { age } from '../format/age.js';
import { num } from '../format/number.js';
import { pulse } from '../live/pulse.js';
import type { LiveSocket } from '../live/socket.js';
import { Icon } from '../shell/icon.js';
import { watch as words } from '../strings/watch.js';
import { FirstValues } from './first-values.js';
import { type Seen, useSightings, type Watched } from './use-sightings.js';
import { type Standing, standingOf } from './watch.js';
import { Reason } from './watch-reason.js';
import { WatchSteps } from './watch-steps.js';

interface WatchPanelProps {
  readonly socket: LiveSocket;
  readonly watched: Watched;
  readonly profile: ProfileDocument | null;
  /** Where the device is to connect. */
  readonly socketUrl: string;
  /** No board can reach the hub. */
  readonly loopbackOnly: boolean;
  readonly onAnother: () => void;
}

/** What the hub sees of the device: it turns green with the first reading, or says what is wrong. */
export function WatchPanel({
  socket,
  watched,
  profile,
  socketUrl,
  loopbackOnly,
  onAnother,
}: WatchPanelProps) {
  const seen = useSightings(socket, watched).value;
  const standing = standingOf(seen);
  const tone = standing.kind === 'live' ? 'is-live' : isBad(standing) ? 'is-bad' : '';
  const { id } = watched;
  return (
    <section class={`panel watch ${tone}`} aria-labelledby="watch-head">
      <header>
        <span class={tone === 'is-live' ? 'is-verified' : tone === 'is-bad' ? 'is-failed' : ''}>
          <Icon
            name={tone === 'is-live' ? 'verified' : tone === 'is-bad' ? 'failed' : 'plug'}
            glyph={tone !== ''}
          />
        </span>
        <h2 id="watch-head" aria-live="polite">
          {headOf(standing, seen, id)}
        </h2>
      </header>
      {tone === '' && <div class="waitline" />}
      <div class="pad says">
        <Says standing={standing} seen={seen} socketUrl={socketUrl} />
        {seen.isAway && <p class="sub">{words.away}</p>}
      </div>
      <WatchSteps standing={standing} seen={seen} profile={profile} id={id} />
      {standing.kind === 'live' && (
        <FirstValues seen={seen} profile={profile} id={id} onAnother={onAnother} />
      )}
      {isBad(standing) && <Reason standing={standing} id={id} />}
      {standing.kind === 'waiting' && (
        <div class="pad idle">
          <h3>{words.idleHead}</h3>
          <p class="sub">{loopbackOnly ? words.idleLoopback : words.idleBody}</p>
        </div>
      )}
    </section>
  );
}

function isBad({ kind }: Standing): boolean {
  return kind === 'refused' || kind === 'malformed' || kind === 'rejected';
}

function headOf(standing: Standing, { device }: Seen, id: string): string {
  if (standing.kind === 'waiting') return words.waitHead(id);
  if (standing.kind === 'connected') return words.talkHead(id);
  if (standing.kind === 'live') return device?.online ? words.liveHead(id) : words.sentHead(id);
  if (standing.kind === 'malformed') return words.jsonHead;
  return standing.kind === 'rejected' ? words.refusedHead : words.trouble[standing.attempt.kind];
}

function Says({ standing, seen, socketUrl }: { standing: Standing; seen: Seen; socketUrl: string }) {
  switch (standing.kind) {
    case 'waiting':
      return <Waiting since={seen.since} socketUrl={socketUrl} />;
    case 'connected':
      return <p>{words.talkBody}</p>;
    case 'malformed':
      return <p>{words.jsonBody(standing.count)}</p>;
    case 'rejected':
      return <p>{words.refusedBody}</p>;
    case 'live':
      return <p>{standing.clockRepaired ? words.clockBody : firstReading(seen)}</p>;
    case 'refused': {
      const { address, count, device, code, kind } = standing.attempt;
      if (kind === 'malformed') return <p>{words.jsonOverHttp}</p>;
      return (
        <p>
          <span class="mono">{address}</span> {words.tried(words.tries(count), device)}. {words.answered}
          <span class="mono">{code}</span>.
        </p>
      );
    }
  }
}

function Waiting({ since, socketUrl }: { since: number; socketUrl: string }) {
  const [before, url, after] = words.waitBody(socketUrl);
  return (
    <p>
      {before}
      <span class="mono wrap-any">{url}</span>
      {after}
      {age(Math.max(1_000, pulse.value - since))}.
    </p>
  );
}

function firstReading({ first, onlineAt }: Seen): string {
  if (first === null || onlineAt === null || first.at < onlineAt) return words.liveBody;
  return words.liveAfter(num((first.at - onlineAt) / 1_000, 1));
}
