import type { Value } from '@fieldline/protocol/browser';
import type { Bucket } from '../chart/bucket-series.js';
import type { Gap } from '../chart/gaps.js';
import type { Segment } from '../chart/segments.js';
import { recorder as words } from '../strings.js';

/** One lane as columns of a table. */
export type TableLane =
  | {
      readonly kind: 'number';
      readonly title: string;
      readonly unit: string;
      readonly buckets: readonly Bucket[];
      readonly gaps: readonly Gap[];
    }
  | {
      readonly kind: 'state';
      readonly title: string;
      readonly segments: readonly Segment[];
      /** A state as its lane calls it. */
      readonly word: (value: Value) => string;
    };

/**
 * What is on screen as text that spreadsheets take: a row for each bucket and each change of a state, times in UTC. A gap
 * has a row of its own at its beginning, with 0 readings and no value.
 */
export function screenTable(lanes: readonly TableLane[]): string {
  const columns = lanes.map(cellsOf);
  const times = [...new Set(columns.flatMap(({ times }) => times))].sort((a, b) => a - b);
  const rows = times.map((t) => [new Date(t).toISOString(), ...columns.flatMap(({ at }) => at(t))]);
  return [[words.table.time, ...columns.flatMap(({ heads }) => heads)], ...rows]
    .map((cells) => cells.join('\t'))
    .join('\n');
}

interface Cells {
  readonly heads: readonly string[];
  readonly times: readonly number[];
  readonly at: (t: number) => readonly string[];
}

function cellsOf(lane: TableLane): Cells {
  if (lane.kind === 'state') return stateCells(lane);
  const { title, unit, buckets, gaps } = lane;
  const { mean, lowest, highest, readings } = words.table;
  const byTime = new Map(buckets.map((bucket) => [bucket.t, bucket]));
  const missing = new Set(gaps.map(({ from }) => from));
  const name = unit === '' ? title : `${title} (${unit})`;
  return {
    heads: [`${name} ${mean}`, lowest, highest, readings],
    times: [...byTime.keys(), ...missing],
    at: (t) => {
      const bucket = byTime.get(t);
      if (bucket) return [...[bucket.mean, bucket.min, bucket.max].map(plain), String(bucket.count)];
      return ['', '', '', missing.has(t) ? '0' : ''];
    },
  };
}

function stateCells({ title, segments, word }: Extract<TableLane, { kind: 'state' }>): Cells {
  return {
    heads: [title],
    times: segments.map(({ from }) => from),
    at: (t) => {
      const segment = segments.find(({ from, to }) => t >= from && t < to);
      if (segment?.value === undefined) return [segment ? words.table.notKnown : ''];
      // A tab or a line's end would begin another cell.
      return [word(segment.value).replaceAll(/[\t\r\n]+/g, ' ')];
    },
  };
}

/** As many digits as a reading can have: what binary fractions add is no measurement. */
const plain = (value: number): string => String(Number(value.toPrecision(12)));
