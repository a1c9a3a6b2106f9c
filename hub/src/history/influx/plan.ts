import type { Range, Ranges } from '../../sinks/influx/ranges.js';
import { ROLLUP_UNITS, type RollupUnit, UNIT_MS } from '../../sinks/influx/rollup-unit.js';

/** A part of a range, and from where it is read. Segments are in order of time and do not overlap. */
export interface Segment extends Range {
  readonly store: 'raw' | RollupUnit;
}

/** What is known of the readings of a measurement (sinks/influx/server.ts). */
export interface Stores {
  rawSince(measurement: string): number;
  rollupSince(unit: RollupUnit): number;
  untrusted(measurement: string, unit: RollupUnit, within: Range): Ranges;
}

export interface PlanOptions {
  readonly measurement: string;
  readonly range: Range;
  readonly intervalMs: number;
  /** A rollup is read when the range is at least so many of its rows long. */
  readonly leastRows?: number;
  /** Read raw readings wherever they still are. */
  readonly onlyRaw?: boolean;
}

/** An hour of raw readings is answered as fast as an hour of rows. */
const LEAST_ROWS = 60;
/** More parts than this are not worth their statements: what lies between them is read raw, too. */
const MAX_HOLES = 16;
const HOUR_MS = UNIT_MS['1h'];

/**
 * From where each part of a range is read: from the coarsest rollup whose rows fill the buckets evenly, and raw where
 * that rollup cannot be trusted yet and at its ragged ends. Where raw readings have expired, from the finest
 * rollup that is left, even if its rows are coarser than the buckets.
 */
export function plan(stores: Stores, options: PlanOptions): readonly Segment[] {
  const { measurement, range } = options;
  const since = {
    raw: stores.rawSince(measurement),
    '1m': stores.rollupSince('1m'),
    '1h': stores.rollupSince('1h'),
  };
  const cuts = Object.values(since)
    .map((ms) => Math.ceil(ms / HOUR_MS) * HOUR_MS)
    .filter((ms) => ms > range.from && ms < range.to)
    .sort((a, b) => a - b);
  const edges = [range.from, ...new Set(cuts), range.to];
  const segments = edges.slice(1).flatMap((to, at): readonly Segment[] => {
    const region = { from: edges[at] ?? to, to };
    const isThere = (store: Segment['store']) => since[store] <= region.from;
    const unit = options.onlyRaw === true ? undefined : unitOf(options, isThere);
    if (!isThere('raw')) {
      const left = unit ?? ROLLUP_UNITS.find(isThere);
      return [{ ...region, store: left ?? 'raw' }];
    }
    if (unit === undefined) return [{ ...region, store: 'raw' }];
    const from = Math.ceil(region.from / UNIT_MS[unit]) * UNIT_MS[unit];
    const whole = { from, to: Math.floor(to / UNIT_MS[unit]) * UNIT_MS[unit] };
    if (whole.from >= whole.to) return [{ ...region, store: 'raw' }];
    return split(region, unit, holesIn(stores.untrusted(measurement, unit, whole), region, whole));
  });
  return joined(segments);
}

function unitOf(
  { range, intervalMs, leastRows = LEAST_ROWS }: PlanOptions,
  isThere: (unit: RollupUnit) => boolean,
): RollupUnit | undefined {
  return ROLLUP_UNITS.toReversed().find(
    (unit) =>
      isThere(unit) && intervalMs % UNIT_MS[unit] === 0 && range.to - range.from >= leastRows * UNIT_MS[unit],
  );
}

/** The parts of the region that are to be read raw: its ends beyond whole rows, and what is not trusted. */
function holesIn(untrusted: Ranges, region: Range, whole: Range): Ranges {
  const first = untrusted[0];
  const last = untrusted.at(-1);
  const inner =
    untrusted.length > MAX_HOLES && first !== undefined && last !== undefined
      ? [{ from: first.from, to: last.to }]
      : untrusted;
  return [{ from: region.from, to: whole.from }, ...inner, { from: whole.to, to: region.to }].filter(
    ({ from, to }) => from < to,
  );
}

function split(region: Range, unit: RollupUnit, holes: Ranges): Segment[] {
  const segments: Segment[] = [];
  let at = region.from;
  for (const { from, to } of holes) {
    if (at < from) segments.push({ from: at, to: from, store: unit });
    segments.push({ from, to, store: 'raw' });
    at = to;
  }
  if (at < region.to) segments.push({ from: at, to: region.to, store: unit });
  return segments;
}

function joined(segments: readonly Segment[]): Segment[] {
  const list: Segment[] = [];
  for (const segment of segments) {
    const before = list.at(-1);
    if (before !== undefined && before.store === segment.store && before.to === segment.from) {
      list[list.length - 1] = { ...before, to: segment.to };
    } else list.push(segment);
  }
  return list;
}
