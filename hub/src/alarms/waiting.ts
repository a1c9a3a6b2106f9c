import type { AlarmView, Page, PageQuery } from '@fieldline/protocol';
import type { AlarmFilter } from '../state/alarms.js';
import { waitingView } from './alarm-views.js';
import type { DeviceWatch } from './device-watch.js';
import type { Series } from './series.js';

/** So many are shown: what waits is made up anew for every page. */
const MOST = 1_000;

/** Limits that are crossed and whose `for` is not over, newest first; the 1,000 newest. */
export function waitingAlarms(
  watches: Iterable<DeviceWatch>,
  { device, level }: AlarmFilter,
  { limit, cursor }: PageQuery,
): Page<AlarmView> {
  const found: { readonly device: string; readonly series: Series }[] = [];
  for (const watch of watches) {
    if (device !== undefined && watch.device.id !== device) continue;
    for (const series of watch.series()) {
      if (series.since === 0 || (level !== undefined && series.rule.level !== level)) continue;
      found.push({ device: watch.device.id, series });
    }
  }
  const newest = found.sort((one, other) => other.series.since - one.series.since).slice(0, MOST);
  const views = newest.map((one) => waitingView(one.device, one.series));
  const after = views.sort(byId).filter(({ id }) => cursor === undefined || id < cursor);
  const items = after.slice(0, limit);
  return { items, next: after.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** How many there are. */
export function countWaiting(watches: Iterable<DeviceWatch>): number {
  let count = 0;
  for (const watch of watches) for (const { since } of watch.series()) if (since !== 0) count++;
  return count;
}

function byId(one: AlarmView, other: AlarmView): number {
  return one.id < other.id ? 1 : -1;
}
