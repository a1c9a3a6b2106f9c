import type { View } from './view-address.js';

/** A board's address with the part of time that a view shows: up to now where it follows it, as Grafana does, too. */
export function grafanaAddress(board: string, { spanMs, end }: View): string {
  if (end === null) return `${board}&from=now-${Math.round(spanMs / 1000)}s&to=now`;
  return `${board}&from=${Math.round(end - spanMs)}&to=${Math.round(end)}`;
}
