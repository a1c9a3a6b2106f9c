import type { AlarmView } from '@fieldline/protocol';

/** What a metric is called, and the symbol of its unit, such as " °C"; empty for none. */
export interface MetricWords {
  readonly title: string;
  readonly unit: string;
}

/** What an alarm is about: "Temperature above 8 °C for 5 min", "no reading for 30 s". */
export function limitWords(
  { metric, limit, worst }: Pick<AlarmView, 'metric' | 'limit' | 'worst'>,
  words?: MetricWords,
): string {
  if (metric === null) return `no reading for ${duration(limit.silence ?? 0)}`;
  const { title, unit } = words ?? { title: metric, unit: '' };
  const { above, below, equals } = limit;
  const isAbove = above !== undefined && (below === undefined || Number(worst) > above);
  const bound =
    equals !== undefined ? `is ${equals}` : isAbove ? `above ${above}${unit}` : `below ${below}${unit}`;
  return `${title} ${bound}${limit.for > 0 ? ` for ${duration(limit.for)}` : ''}`;
}

function duration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round((ms / 3_600_000) * 10) / 10} h`;
}
