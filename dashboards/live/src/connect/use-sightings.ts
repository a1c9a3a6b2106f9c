import type { DeviceView, Value } from '@fieldline/protocol/browser';
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import * as hub from '../api/connect.js';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket } from '../live/socket.js';
import type { Sightings } from './watch.js';

/** The device that is watched, and from when on. */
export interface Watched {
  readonly id: string;
  /** ms since 1970, by the hub's clock. */
  readonly since: number;
  /** As it was then. */
  readonly before: DeviceView;
}

/** What is seen, with what came in live and whether the hub answers. */
export interface Seen extends Sightings {
  readonly latest: Readonly<Record<string, Value>>;
  /** Readings that were seen to arrive. */
  readonly readings: number;
  readonly lastAt: number | null;
  readonly isAway: boolean;
}

const POLL_MS = 1_500;

/** Follows a device until it is left: readings and connections live, refusals by asking for them. */
export function useSightings(socket: LiveSocket, { id, since, before }: Watched): Signal<Seen> {
  const seen = useSignal<Seen>(nothing(since, before));
  useEffect(() => {
    seen.value = nothing(since, before);
    const stop = socket.subscribe(
      { devices: [id], what: ['telemetry', 'status'], minPeriod: 0 },
      (message) => {
        seen.value = heard(seen.value, message, id, hubClock.now());
      },
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const poll = async () => {
      if (!document.hidden) {
        const answers = await ask(id, since).catch(() => null);
        if (isOver) return;
        seen.value = { ...seen.value, ...answers, isAway: answers === null };
      }
      timer = setTimeout(() => void poll(), POLL_MS);
    };
    void poll();
    return () => {
      isOver = true;
      clearTimeout(timer);
      stop();
    };
  }, [socket, seen, id, since, before]);
  return seen;
}

async function ask(id: string, since: number) {
  const [device, attempts, quarantine] = await Promise.all([
    hub.deviceOrNull(id),
    hub.attempts(id, since),
    hub.refused(id),
  ]);
  return { device, attempts, quarantine };
}

function nothing(since: number, before: DeviceView): Seen {
  return {
    since,
    device: before,
    repairsBefore: before.counters.clockRepairs,
    attempts: [],
    quarantine: [],
    onlineAt: null,
    first: null,
    latest: {},
    readings: 0,
    lastAt: null,
    isAway: false,
  };
}

/** What is known after one message of the live socket. */
export function heard(seen: Seen, message: LiveMessage, id: string, now: number): Seen {
  if (message.type === 'status' && message.device === id) {
    return message.online ? { ...seen, onlineAt: seen.onlineAt ?? message.at } : seen;
  }
  if (message.type !== 'update') return seen;
  const own = message.readings.filter(([device]) => device === id);
  if (own.length === 0) return seen;
  const latest = Object.assign({}, seen.latest, ...own.map(([, , values]) => values)) as Seen['latest'];
  const first = seen.first ?? { at: now, values: latest };
  return { ...seen, latest, first, readings: seen.readings + own.length, lastAt: now };
}
