import type { DecodedTelemetry } from '@fieldline/protocol';

/** The metrics that have a number without a value: not finite, so that JSON has none for it. Each once, with how often. */
export function unfitNumbers({ values, rows, columns }: DecodedTelemetry): ReadonlyMap<string, number> {
  const unfit = new Map<string, number>();
  const see = (metric: string, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) unfit.set(metric, (unfit.get(metric) ?? 0) + 1);
  };
  const seeAll = (map: unknown) => {
    if (isMap(map)) for (const [metric, value] of Object.entries(map)) see(metric, value);
  };
  seeAll(values);
  if (Array.isArray(rows)) for (const row of rows) if (Array.isArray(row)) seeAll(row[1]);
  if (!isMap(columns)) return unfit;
  for (const [metric, column] of Object.entries(columns)) {
    if (Array.isArray(column)) for (const value of column) see(metric, value);
  }
  return unfit;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
