import { fitSpan, MOST_SPAN_MS, rangeName, spanOf } from './ranges.js';

/** What the lanes show: a length of time that ends now (`end` null), or at a fixed moment, ms since 1970. */
export interface View {
  readonly spanMs: number;
  readonly end: number | null;
}

/** The view that an address names: `from` and `to` in ms for a fixed one, else `range` up to now. */
export function viewIn(search: URLSearchParams): View {
  const from = timeIn(search.get('from'));
  const to = timeIn(search.get('to'));
  if (from !== undefined && to !== undefined && to > from)
    return { spanMs: fitSpan(Math.min(to - from, MOST_SPAN_MS)), end: to };
  return { spanMs: spanOf(search.get('range')), end: null };
}

/** Writes a view into an address, so that a link to it shows the same. */
export function nameView({ spanMs, end }: View, into: URLSearchParams): void {
  for (const name of ['range', 'from', 'to']) into.delete(name);
  if (end !== null) {
    into.set('from', String(Math.round(end) - Math.round(spanMs)));
    into.set('to', String(Math.round(end)));
    return;
  }
  const range = rangeName(spanMs);
  if (range !== null) into.set('range', range);
}

function timeIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
