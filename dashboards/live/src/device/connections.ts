import type { DeviceConnection, Page } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import type { Gap } from '../chart/gaps.js';

/** How a device stood with the hub for a while. `undefined`: nobody has noted it. */
export type Standing = 'online' | 'offline' | 'asleep' | undefined;

/** A stretch of one standing. */
export interface Stand extends Gap {
  readonly value: Standing;
}

/** Something that happened at a moment. */
export interface ConnectionMark {
  readonly at: number;
  readonly kind: 'rebooted' | 'late';
}

/** Who answers: the hub, newest first. */
export type ConnectionSource = (limit: number) => Promise<Page<DeviceConnection>>;

/** At first all that the hub keeps is asked for, later what may have come since. */
const ALL = 1_000;
const SOME = 50;

/** What befell the connection of one device: asked for once, and again when something may have happened. */
export class Connections {
  /** Oldest first. */
  readonly events = signal<readonly DeviceConnection[]>([]);
  readonly #ask: ConnectionSource;
  #isWhole = false;
  #asking = false;

  constructor(ask: ConnectionSource) {
    this.#ask = ask;
  }

  /** Asks for what is new. Answers whether readings came late since the last time. What fails is asked again next time. */
  async refresh(): Promise<boolean> {
    if (this.#asking) return false;
    this.#asking = true;
    try {
      const { items } = await this.#ask(this.#isWhole ? SOME : ALL);
      const known = new Set(this.events.peek().map(keyOf));
      const fresh = items.filter((event) => !known.has(keyOf(event))).reverse();
      const isFirst = !this.#isWhole;
      this.#isWhole = true;
      if (fresh.length === 0) return false;
      this.events.value = [...this.events.peek(), ...fresh].slice(-ALL);
      return !isFirst && fresh.some(({ event }) => event === 'late');
    } catch {
      return false; // The lane ages like everything else; the strip above says that the hub is away.
    } finally {
      this.#asking = false;
    }
  }
}

const keyOf = ({ at, event, reason, boot, from, to }: DeviceConnection): string =>
  [at, event, reason, boot, from, to].join(' ');

/** The connection as stretches; before the first event nobody knows. */
export function standsOf(events: readonly DeviceConnection[], from: number, to: number): Stand[] {
  const stands: Stand[] = [];
  const push = (start: number, end: number, value: Standing) => {
    const clipped = { from: Math.max(from, start), to: Math.min(to, end), value };
    if (clipped.to <= clipped.from) return;
    const before = stands.at(-1);
    if (before && before.value === value) stands[stands.length - 1] = { ...before, to: clipped.to };
    else stands.push(clipped);
  };
  let since = Number.NEGATIVE_INFINITY;
  let value: Standing;
  for (const event of events) {
    const next = standingOf(event);
    if (next === undefined) continue;
    push(since, event.at, value);
    since = event.at;
    value = next;
  }
  push(since, to, value);
  return stands;
}

function standingOf({ event, reason }: DeviceConnection): Standing {
  if (event === 'online') return 'online';
  if (event === 'offline') return reason === 'sleeping' ? 'asleep' : 'offline';
  return undefined;
}

/** What is marked on the lane of the connection. */
export function marksOf(events: readonly DeviceConnection[], from: number, to: number): ConnectionMark[] {
  const marks: ConnectionMark[] = [];
  for (const { at, event } of events) {
    if ((event === 'rebooted' || event === 'late') && at >= from && at <= to) marks.push({ at, kind: event });
  }
  return marks;
}

/** When the readings were measured that arrived late. */
export function lateSpans(events: readonly DeviceConnection[], from: number, to: number): Gap[] {
  return events.flatMap((event) =>
    event.from !== undefined && event.to !== undefined && event.from <= to && event.to >= from
      ? { from: event.from, to: event.to }
      : [],
  );
}

/** The last time that the device was away and came back; undefined while there was none. */
export function lastOutage(
  events: readonly DeviceConnection[],
): (Gap & { readonly reason?: string }) | undefined {
  for (let i = events.length - 1; i > 0; i--) {
    const back = events[i];
    if (back?.event !== 'online') continue;
    const away = events.slice(0, i).findLast(({ event }) => event === 'offline' || event === 'online');
    if (away?.event !== 'offline' || away.reason === 'sleeping') continue;
    return { from: away.at, to: back.at, ...(away.reason === undefined ? {} : { reason: away.reason }) };
  }
  return undefined;
}
