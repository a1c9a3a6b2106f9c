import type { LiveDevice } from '../live/device.js';

/** Devices that went away together: most likely for one reason. */
export interface Outage {
  readonly count: number;
  /** When the first of them went, ms since 1970, and how much later the last. */
  readonly from: number;
  readonly spreadMs: number;
  /** A tag that all of them have, and not the whole fleet; null where there is none. */
  readonly tag: readonly [name: string, value: string] | null;
}

/** Losses of connection that are no further apart belong together: a silent socket is noticed within a heartbeat. */
const TOGETHER_MS = 5_000;
const LEAST = 3;

/** The largest group of devices that went offline together; undefined where none did. */
export function outageOf(devices: readonly LiveDevice[]): Outage | undefined {
  const lost = devices
    .flatMap((device) => {
      const at = lostAt(device);
      return at === null ? [] : [{ at, device }];
    })
    .sort((a, b) => a.at - b.at);
  let best: readonly [from: number, to: number] = [0, 0];
  let from = 0;
  for (let to = 0; to < lost.length; to++) {
    while ((lost[to]?.at ?? 0) - (lost[from]?.at ?? 0) > TOGETHER_MS) from++;
    if (to + 1 - from > best[1] - best[0]) best = [from, to + 1];
  }
  const group = lost.slice(...best);
  const [first] = group;
  if (!first || group.length < LEAST) return undefined;
  return {
    count: group.length,
    from: first.at,
    spreadMs: (group.at(-1)?.at ?? first.at) - first.at,
    tag: sharedTag(
      group.map(({ device }) => device),
      devices,
    ),
  };
}

/** When an offline device's connection was lost; null for one that is there, sleeps as announced, or never was. */
function lostAt(device: LiveDevice): number | null {
  if (device.online || device.asleep) return null;
  return device.statusAt ?? device.view.lastDisconnect?.at ?? null;
}

function sharedTag(
  group: readonly LiveDevice[],
  all: readonly LiveDevice[],
): readonly [string, string] | null {
  const shared = Object.entries(group[0]?.view.tags ?? {}).find(
    ([name, value]) =>
      group.every(({ view }) => view.tags[name] === value) &&
      all.some(({ view }) => view.tags[name] !== value),
  );
  return shared ?? null;
}
