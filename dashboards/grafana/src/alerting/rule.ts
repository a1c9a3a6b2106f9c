import { DATASOURCE } from '../uids.js';
import { Verbatim } from '../yaml.js';

/** A number is compared with a limit. */
export interface Limit {
  readonly is: 'above' | 'below';
  readonly value: number;
  /** It is over once the number is so far on the other side again. */
  readonly hysteresis?: number;
}

export interface RuleDraft {
  readonly uid: string;
  readonly title: string;
  /** InfluxQL that gives a number for each device; `$timeFilter` stands for the last `windowMs`. */
  readonly query: string;
  readonly windowMs: number;
  readonly limit: Limit;
  /** As Grafana writes it: `5m`. */
  readonly for: string;
  readonly severity: 'warn' | 'alarm';
  /** A template of Grafana's. */
  readonly summary: string;
  readonly noData?: 'OK' | 'Alerting';
  /** The panel that shows it. */
  readonly panel?: { readonly board: string; readonly id: number };
}

/** As it stands in the file. */
export interface Rule {
  readonly uid: string;
  readonly [key: string]: unknown;
}

/** Grafana's own data source for what is computed from queries. */
const EXPRESSION = { type: '__expr__', uid: '__expr__' } as const;

/**
 * People's words in a template of Grafana's. Versions differ in what they make of a `$` in an annotation, but all leave
 * one alone that no name follows.
 */
export function inTemplate(words: string): string {
  return words.replace(/\{\{|\$/g, (sign) => `{{ "${sign}" }}`);
}

/**
 * A rule in the format of files: the query, its last number, the comparison. Models are not expanded by Grafana; all
 * other texts are, and hold no `$` (`.Labels` stands for `$labels`).
 */
export function rule(draft: RuleDraft): Rule {
  const { uid, title, query, windowMs, limit, severity, summary, noData = 'OK', panel } = draft;
  const relativeTimeRange = { from: Math.ceil(windowMs / 1000), to: 0 };
  const ask = { refId: 'A', query, rawQuery: true, resultFormat: 'time_series', intervalMs: 1_000 };
  const last = { refId: 'B', type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } };
  const compare = { refId: 'C', type: 'threshold', expression: 'B', conditions: [condition(limit)] };
  return {
    ...{
      uid,
      title,
      condition: 'C',
      for: draft.for,
      noDataState: noData,
      execErrState: 'Error',
      isPaused: false,
    },
    ...(panel === undefined ? {} : { dashboardUid: panel.board, panelId: panel.id }),
    labels: { severity, source: 'fieldline' },
    annotations: { summary: new Verbatim(summary) },
    data: [
      {
        ...{ refId: 'A', relativeTimeRange, datasourceUid: DATASOURCE.uid },
        model: new Verbatim({ ...ask, datasource: DATASOURCE, maxDataPoints: 43_200 }),
      },
      ...[last, compare].map((model) => ({
        ...{ refId: model.refId, relativeTimeRange: { from: 0, to: 0 }, datasourceUid: EXPRESSION.uid },
        model: new Verbatim({ ...model, datasource: EXPRESSION }),
      })),
    ],
  };
}

function condition({ is, value, hysteresis = 0 }: Limit): object {
  const [type, over] = is === 'above' ? (['gt', 'lt'] as const) : (['lt', 'gt'] as const);
  const back = is === 'above' ? value - hysteresis : value + hysteresis;
  const evaluator = { type, params: [value] };
  if (hysteresis === 0) return { evaluator };
  return { evaluator, unloadEvaluator: { type: over, params: [back] } };
}
