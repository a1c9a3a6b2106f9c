import { aliased, intervalOf, parsed, substituted, type TimeRange } from './grafana.js';
import type { InfluxSeries } from './influxd.js';

/** What of a dashboard's file is used. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly target?: { query: string } }[];
  };
  readonly links: readonly { readonly title: string; readonly url?: string }[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly regex?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly interval?: string;
  readonly description?: string;
  readonly fieldConfig?: { readonly defaults: FieldLook; readonly overrides: readonly Override[] };
  readonly transformations?: readonly { readonly id: string; readonly options: object }[];
  readonly options?: {
    readonly sortBy?: readonly { readonly displayName: string; readonly desc: boolean }[];
    readonly content?: string;
  };
}

export interface Target {
  readonly refId: string;
  readonly query: string;
  readonly resultFormat: 'time_series' | 'table';
  readonly alias?: string;
}

/** How a field looks; of an override, what it says. */
export interface FieldLook {
  readonly unit?: string;
  readonly decimals?: number;
  readonly displayName?: string;
  readonly color?: { readonly mode: string; readonly fixedColor?: string };
  readonly mappings?: readonly { readonly options: Record<string, { text?: string; color?: string }> }[];
  readonly thresholds?: { readonly steps: readonly { color: string; value: number | null }[] };
}

export interface Override {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

/** One column of values over time, by the name that the panel shows. */
export interface Trace {
  readonly name: string;
  /** Time in µs since 1970, and the value. */
  readonly points: readonly (readonly [time: number, value: unknown])[];
}

/** What InfluxDB says to one query of a panel. */
export interface TargetAnswer {
  readonly target: Target;
  readonly series: readonly InfluxSeries[];
}

export interface PanelAnswer {
  readonly panel: Panel;
  readonly answers: readonly TargetAnswer[];
}

export interface Asking {
  readonly ask: (statement: string) => Promise<readonly InfluxSeries[]>;
  readonly range: TimeRange;
  readonly variables: Readonly<Record<string, string>>;
  /** Points across a panel. */
  readonly points: number;
}

/** Asks everything that the panels of a board ask. @throws Error with InfluxDB's words where it refuses */
export function askBoard(board: Board, asking: Asking): Promise<readonly PanelAnswer[]> {
  return Promise.all(
    board.panels.map(async (panel) => {
      const answers = (panel.targets ?? []).map(async (target) => {
        return { target, series: await asking.ask(statementOf(panel, target, asking)) };
      });
      return { panel, answers: await Promise.all(answers) };
    }),
  );
}

function statementOf(panel: Panel, { query }: Target, { range, variables, points }: Asking): string {
  const least = panel.interval === undefined ? 1_000 : parsed(panel.interval);
  return substituted(query, { range, intervalMs: intervalOf(range, points, least), variables });
}

/** The lines of a panel over time: each column of each series is one. */
export function tracesOf({ target, series }: TargetAnswer): Trace[] {
  return series.flatMap(({ columns, values, tags }) =>
    columns.flatMap((column, at) => {
      if (at === 0) return [];
      const points = values.map((row) => [Number(row[0]), row[at]] as const);
      return { name: aliased(target.alias, column, tags), points };
    }),
  );
}

/** The values that a variable offers. */
export async function variableValues(
  { query, regex = '' }: Variable,
  { ask, range, variables }: Asking,
): Promise<string[]> {
  const series = await ask(substituted(query, { range, intervalMs: 1_000, variables }));
  const values = series.flatMap(({ columns, values: rows }) => {
    const at = columns.includes('value') ? columns.indexOf('value') : 0;
    return rows.map((row) => String(row[at]));
  });
  const filter = regex === '' ? /./ : new RegExp(regex.slice(1, -1));
  return values.filter((value) => filter.test(value));
}
