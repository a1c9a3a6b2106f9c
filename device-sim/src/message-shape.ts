import type { Value } from '@fieldline/protocol';

/** The three shapes of telemetry (protocol §1.2). */
export const MESSAGE_SHAPES = ['single', 'rows', 'columns'] as const;
export type MessageShape = (typeof MESSAGE_SHAPES)[number];

/** One reading before it is put into a message; time in integer ms since 1970. */
export type TimedValues = readonly [timeMs: number, values: Readonly<Record<string, Value>>];

/** What a telemetry message carries besides its `type` and `seq`. */
export type TelemetryBody =
  | { time: number; values: Readonly<Record<string, Value>> }
  | { rows: TimedValues[] }
  | { t0: number; dt: number[]; columns: Record<string, (Value | null)[]> };

/** Puts readings, in order of time and at least one, into a message of the given shape. */
export function telemetryBody(shape: MessageShape, readings: readonly TimedValues[]): TelemetryBody {
  const [first] = readings;
  if (first === undefined) throw new RangeError('a message needs a reading');
  if (shape === 'rows') return { rows: [...readings] };
  if (shape === 'columns') return columns(first[0], readings);
  return { time: first[0], values: first[1] };
}

function columns(t0: number, readings: readonly TimedValues[]): TelemetryBody {
  const metrics = new Set(readings.flatMap(([, values]) => Object.keys(values)));
  let before = t0;
  const dt = readings.map(([timeMs]) => {
    const difference = timeMs - before;
    before = timeMs;
    return difference;
  });
  const byMetric = [...metrics].map((metric) => {
    return [metric, readings.map(([, values]) => values[metric] ?? null)] as const;
  });
  return { t0, dt, columns: Object.fromEntries(byMetric) };
}
