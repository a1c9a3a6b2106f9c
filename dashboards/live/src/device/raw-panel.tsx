import { useEffect, useMemo, useState } from 'preact/hooks';
import { may } from '../command/permit.js';
import { millis, stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { Empty } from '../shell/empty.js';
import { Icon } from '../shell/icon.js';
import { NDJSON, saveFile } from '../shell/save-file.js';
import { role } from '../shell/session.js';
import { raw as words } from '../strings.js';
import type { DeviceSession } from './device-session.js';
import { type Frame, MOST_FRAMES, type RawFeed } from './raw-feed.js';
import { WireText } from './wire-text.js';

/** What goes over the wire, for operators, while they look. */
export function RawPanel({ session, device }: { session: DeviceSession; device: LiveDevice }) {
  const allowed = may(role(), 'operator');
  const feed = useMemo(() => session.rawFeed(), [session]);
  useEffect(() => {
    if (!allowed) return;
    feed.open();
    return () => feed.close();
  }, [feed, allowed]);
  if (allowed) return <Wire feed={feed} device={device.id} />;
  return (
    <section class="panel">
      <header>
        <h2>{words.title}</h2>
        <span class="sub small">{words.says}</span>
      </header>
      <div class="pad">
        <div class="note is-info">
          <Icon name="lock" />
          <div>
            <b>{words.lockedHead}</b>
            <p>{words.lockedBody}</p>
          </div>
        </div>
      </div>
    </section>
  );
}

type Shown = keyof typeof words.directions;

function Wire({ feed, device }: { feed: RawFeed; device: string }) {
  const [shown, setShown] = useState<Shown>('all');
  const frames = feed.frames.value;
  const paused = feed.paused.value;
  const listed = shown === 'all' ? frames : frames.filter(({ direction }) => direction === shown);
  const wires = [...new Set(frames.flatMap(({ via }) => (via === undefined ? [] : [words.via[via]])))];
  return (
    <section class="panel">
      <header>
        <h2>{words.title}</h2>
        <span class="sub small">{words.says}</span>
        <span class="grow" />
        <fieldset class="seg" aria-label={words.direction}>
          {(Object.keys(words.directions) as Shown[]).map((each) => (
            <button key={each} type="button" aria-pressed={each === shown} onClick={() => setShown(each)}>
              {words.directions[each]}
            </button>
          ))}
        </fieldset>
        <button type="button" class="btn tiny" aria-pressed={paused} onClick={() => feed.pause()}>
          <Icon name={paused ? 'play' : 'pause'} />
          {paused ? words.resume : words.pause}
        </button>
        <button
          type="button"
          class="btn tiny"
          disabled={frames.length === 0}
          onClick={() => saveFile(`${device}-raw.ndjson`, NDJSON, feed.lines())}
        >
          <Icon name="save" />
          {words.save}
        </button>
      </header>
      {listed.length === 0 ? (
        <Empty art="waiting" head={words.emptyHead} body={words.emptyBody} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
        <ul class="log wire" tabIndex={0} aria-label={words.list}>
          {listed.map((frame) => (
            <Row key={frame.n} frame={frame} />
          ))}
        </ul>
      )}
      {frames.length > 0 && (
        <footer>
          <span>{[...wires, words.kept(frames.length, MOST_FRAMES)].join(', ')}</span>
          {paused && feed.held.value > 0 && <span class="is-warn">{words.held(feed.held.value)}</span>}
        </footer>
      )}
    </section>
  );
}

function Row({ frame: { at, direction, frame, bytes } }: { frame: Frame }) {
  return (
    <li class={direction === 'in' ? 'rx' : 'tx'}>
      <time dateTime={new Date(at).toISOString()} title={stamp(at)}>
        {millis(at)}
      </time>
      <span title={words.spoken[direction]}>
        <Icon name={direction} />
        <span class="vh">{words.spoken[direction]}</span>
      </span>
      <span class="b">
        <WireText text={frame} />{' '}
        {bytes !== undefined && <span class="sub nowrap">{words.bytes(bytes)}</span>}
      </span>
    </li>
  );
}
