/** A range of time: `from` inclusive, `to` exclusive, ms since 1970. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Ranges in order of time that neither overlap nor touch. */
export type Ranges = readonly Range[];

/**
 * The ranges with one more. Of more than `limit` the two nearest are merged, with the gap between them: a few ranges
 * that are too wide cost work, a list without end costs more.
 */
export function withRange(ranges: Ranges, added: Range, limit: number): Ranges {
  if (added.from >= added.to) return ranges;
  const before = ranges.filter(({ to }) => to < added.from);
  const after = ranges.filter(({ from }) => from > added.to);
  const touched = ranges.slice(before.length, ranges.length - after.length);
  const from = Math.min(added.from, touched[0]?.from ?? added.from);
  const to = Math.max(added.to, touched.at(-1)?.to ?? added.to);
  return merged([...before, { from, to }, ...after], limit);
}

/** What is left of the ranges without `removed`. */
export function withoutRange(ranges: Ranges, removed: Range): Ranges {
  if (removed.from >= removed.to) return ranges;
  return ranges.flatMap(({ from, to }) => [
    ...nonEmpty({ from, to: Math.min(to, removed.from) }),
    ...nonEmpty({ from: Math.max(from, removed.to), to }),
  ]);
}

/** The parts of the ranges that lie in `within`. */
export function clipped(ranges: Ranges, within: Range): Ranges {
  return ranges.flatMap(({ from, to }) =>
    nonEmpty({ from: Math.max(from, within.from), to: Math.min(to, within.to) }),
  );
}

/** The range, wide enough to begin and end at multiples of `unitMs`. */
export function aligned({ from, to }: Range, unitMs: number): Range {
  return { from: Math.floor(from / unitMs) * unitMs, to: Math.ceil(to / unitMs) * unitMs };
}

function merged(ranges: Ranges, limit: number): Ranges {
  let list = ranges;
  while (list.length > Math.max(1, limit)) {
    let nearest = 1;
    const gap = (at: number) => (list[at]?.from ?? 0) - (list[at - 1]?.to ?? 0);
    for (let at = 2; at < list.length; at++) if (gap(at) < gap(nearest)) nearest = at;
    const from = list[nearest - 1]?.from ?? 0;
    const to = list[nearest]?.to ?? 0;
    list = [...list.slice(0, nearest - 1), { from, to }, ...list.slice(nearest + 1)];
  }
  return list;
}

function nonEmpty(range: Range): Ranges {
  return range.from < range.to ? [range] : [];
}
