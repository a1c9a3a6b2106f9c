import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { FirstAdminStrip } from '../first-run/first-admin-strip.js';
import { type Arrivals, readingsBetween } from '../live/arrivals.js';
import { pulse } from '../live/pulse.js';
import type { Link, LiveSocket, Missed } from '../live/socket.js';
import { link as words } from '../strings.js';
import type { HealthWatch } from '../system/health.js';
import { HealthStrip } from './health-strip.js';
import { Icon } from './icon.js';
import { behind } from './lag.js';

/** A break shorter than this is not worth a strip that pushes the page down. */
const NOTICED_MS = 2_000;
const BACK_SHOWN_MS = 15_000;

interface StripsProps {
  readonly socket: LiveSocket;
  /** Null on the page that says it all itself. */
  readonly watch: HealthWatch | null;
  readonly arrivals: Arrivals;
}

/** What there is to say of the link, and of what is behind the hub, in strips above the page that does not say it itself. */
export function Strips({ socket, watch, arrivals }: StripsProps) {
  const link = socket.link.value;
  const missed = socket.missed.value;
  const [seen, setSeen] = useState<Missed | null>(null);
  useEffect(() => {
    if (!missed) return;
    const timer = setTimeout(() => setSeen(missed), BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [missed]);

  // A list that fills the window gives up the strip's height, or the page would scroll twice.
  const strip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = strip.current;
    if (!element) return;
    const measure = () => document.documentElement.style.setProperty('--strips', `${element.offsetHeight}px`);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);

  return (
    <div ref={strip} role="status">
      {link.state === 'live' ? (
        <>
          <LiveStrip
            missed={missed === seen ? null : missed}
            arrivals={arrivals}
            onSeen={() => setSeen(missed)}
          />
          {watch && <HealthStrip watch={watch} />}
          <FirstAdminStrip />
        </>
      ) : (
        <AwayStrip link={link} onTry={() => socket.tryNow()} />
      )}
    </div>
  );
}

function AwayStrip({ link, onTry }: { link: Link; onTry: () => void }) {
  const now = pulse.value;
  if (link.state !== 'retry') return null;
  const { lostAt, nextTryAt } = link;
  if (lostAt !== null && now - lostAt < NOTICED_MS) return null;
  const waitMs = nextTryAt - now;
  return (
    <div class="note strip is-warn">
      <Icon name="retry" />
      <div>
        <b>{words.awayHead}</b>{' '}
        {/* Seconds that count down are for the eye: read out once a second they would drown the page. */}
        <span aria-live="off">
          {lostAt === null ? words.neverBody(waitMs) : words.awayBody(lostAt, waitMs)}
        </span>
      </div>
      <button type="button" class="btn tiny" onClick={onTry}>
        {words.tryNow}
      </button>
    </div>
  );
}

interface LiveStripProps {
  readonly missed: Missed | null;
  readonly arrivals: Arrivals;
  readonly onSeen: () => void;
}

function LiveStrip({ missed, arrivals, onSeen }: LiveStripProps) {
  const lag = behind.value;
  if (missed && missed.to - missed.from >= NOTICED_MS) {
    const count = readingsBetween(arrivals.samples.value, missed.from, missed.to);
    return (
      <div class="note strip is-ok">
        <Icon name="check" />
        <div>
          <b>{words.backHead(missed.to, missed.to - missed.from)}</b> {words.backBody(count)}
        </div>
        <button type="button" class="btn tiny bare sq" aria-label={words.dismiss} onClick={onSeen}>
          <Icon name="x" />
        </button>
      </div>
    );
  }
  if (!lag) return null;
  return (
    <div class="note strip is-warn">
      <Icon name="info" />
      <div>
        <b>{words.slowHead}</b> {words.slowBody(lag.dropped, lag.since)}
      </div>
    </div>
  );
}
