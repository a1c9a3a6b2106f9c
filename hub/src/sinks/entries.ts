import { type Entry, packBatch } from '@fieldline/journal';

/**
 * The readings with offsets `after + 1` to `after + count` of entries that follow one another. Whole entries
 * are passed on as they are; one that lies across an end is packed anew.
 */
export function sliceEntries(entries: readonly Entry[], after: number, count: number): Entry[] {
  const last = after + count;
  const slice: Entry[] = [];
  for (const entry of entries) {
    if (entry.last <= after) continue;
    if (entry.first > last) break;
    slice.push(cut(entry, Math.max(entry.first, after + 1), Math.min(entry.last, last)));
  }
  return slice;
}

function cut(entry: Entry, first: number, last: number): Entry {
  if (first === entry.first && last === entry.last) return entry;
  const readings = entry.readings().slice(first - entry.first, last - entry.first + 1);
  return { first, last, packed: packBatch({ readings, ranges: [] }), readings: () => readings };
}
