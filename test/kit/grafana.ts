/** What Grafana does to a query before InfluxDB sees it (its data source for InfluxQL, and its `rangeutil`). */

/** ms since 1970 */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface Substitution {
  readonly range: TimeRange;
  readonly intervalMs: number;
  /** The board's variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** @throws Error for a variable that nobody gives a value */
export function substituted(query: string, { range, intervalMs, variables }: Substitution): string {
  const { from, to } = range;
  const values: Readonly<Record<string, string>> = {
    timeFilter: `time >= ${from}ms and time <= ${to}ms`,
    __interval: duration(intervalMs),
    __interval_ms: String(intervalMs),
    __range_ms: String(to - from),
    __to: String(to),
  };
  return query.replace(/\$(\w+|\{\w+\})/g, (_, word: string, at: number) => {
    const name = word.replace(/[{}]/g, '');
    const value = values[name] ?? variables[name];
    if (value === undefined) throw new Error(`$${name} has no value in ${query}`);
    return name in variables && isInRegex(query, at) ? escapeRegex(value) : value;
  });
}

/** The interval of a panel so wide that it shows so many points, and no shorter than the panel wants. */
export function intervalOf({ from, to }: TimeRange, points: number, leastMs: number): number {
  const exact = (to - from) / points;
  return Math.max(leastMs, STEPS.find((step) => step >= exact) ?? 3_600_000);
}
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800].map((s) => s * 1_000);

/** `10s`, `5m` … in ms. */
export function parsed(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const size = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ''];
  if (size === undefined) throw new Error(`${text} is no interval`);
  return Number(count) * size;
}

/** As Grafana names a series: `$tag_x`, `$col`, and other words as they stand. */
export function aliased(
  alias: string | undefined,
  column: string,
  tags: Readonly<Record<string, string>> = {},
): string {
  if (alias === undefined) return column;
  return alias.replace(/\$(\w+)/g, (whole, name: string) => {
    if (name === 'col') return column;
    return name.startsWith('tag_') ? (tags[name.slice(4)] ?? whole) : whole;
  });
}

function duration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** Whether a variable stands between the slashes of `=~ /^$device$/`. */
function isInRegex(query: string, at: number): boolean {
  return /\/\^?\(?$/.test(query.slice(0, at));
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
}
