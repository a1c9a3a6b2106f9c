import { substituted } from './grafana.js';
import type { InfluxSeries } from './influxd.js';

/** What of an alert rule in its file is used. */
export interface Rule {
  readonly uid: string;
  readonly title: string;
  readonly dashboardUid?: string;
  readonly panelId?: number;
  readonly data: readonly [
    { readonly relativeTimeRange: { readonly from: number }; readonly model: { readonly query: string } },
    unknown,
    {
      readonly model: {
        readonly conditions: readonly [
          { readonly evaluator: { readonly type: 'gt' | 'lt'; readonly params: [number] } },
        ];
      };
    },
  ];
}

/** What a rule asks at a moment, in ms since 1970. */
export function askedBy({ data: [ask] }: Rule, at: number): string {
  const range = { from: at - ask.relativeTimeRange.from * 1_000, to: at };
  return substituted(ask.model.query, { range, intervalMs: 1_000, variables: {} });
}

/** The series whose last number is beyond the rule's limit, as Grafana's `reduce` and `threshold` find them. */
export function beyond({ data: [, , compare] }: Rule, series: readonly InfluxSeries[]): InfluxSeries[] {
  const [{ evaluator }] = compare.model.conditions;
  const [limit] = evaluator.params;
  return series.filter((one) => {
    const last = lastOf(one);
    return last !== null && (evaluator.type === 'gt' ? last > limit : last < limit);
  });
}

/** The last number of a series; null where it has none. */
export function lastOf({ values }: InfluxSeries): number | null {
  const numbers = values.flatMap((row) => row.slice(1)).filter((value) => typeof value === 'number');
  return numbers.at(-1) ?? null;
}
