import type { Value } from '@fieldline/journal';
import { breaches, isWell, type Rule, worse } from './rule.js';

/** A reading that was this old when it came was kept back somewhere: nobody could have been called in time. */
export const LATE_US = 60_000_000;

/** An alarm of a series that is not over. Times in µs since 1970. */
export interface OpenAlarm {
  /** Of the reading that crossed the limit. */
  readonly since: number;
  /** Of the reading by which it was raised, and when the hub received that. */
  readonly raisedAt: number;
  readonly seenAt: number;
  readonly value: Value;
  worst: Value;
  /** All that is known of it came late: it counts only once a reading confirms it in time. */
  past: boolean;
}

/** A run of readings beyond the limit that came after newer ones. Times in µs since 1970. */
export interface LateRun {
  /** Of its newest reading. */
  newest: number;
  /** Of its first reading beyond the limit; 0 while there is none. */
  since: number;
  /** Told already. */
  isRaised: boolean;
  raisedAt: number;
  value: Value | null;
  worst: Value | null;
}

/** How one metric of one device stands with one of its limits. */
export interface Series {
  readonly rule: Rule;
  /** While it waits for its `for`: time of the first reading of the unbroken run, µs; 0 else. */
  since: number;
  worst: Value | null;
  open: OpenAlarm | null;
  late: LateRun | null;
  /** Id of an alarm of the past that channels have still to be told of; kept by past-breaches.ts. */
  untold: string | null;
}

/** What came of a reading. Times in µs since 1970. */
export type Judgement =
  | { readonly kind: 'raised'; readonly series: Series; readonly alarm: OpenAlarm }
  /** A breach that came late goes on. */
  | { readonly kind: 'confirmed'; readonly series: Series; readonly alarm: OpenAlarm }
  | {
      readonly kind: 'cleared';
      readonly series: Series;
      readonly alarm: OpenAlarm;
      readonly at: number;
      readonly seenAt: number;
    }
  /** A breach of the past: from `since`, raised at `raisedAt`, over at `to` as far as is known by now. */
  | {
      readonly kind: 'past';
      readonly series: Series;
      readonly since: number;
      readonly raisedAt: number;
      readonly to: number;
      readonly value: Value;
      readonly worst: Value;
      readonly seenAt: number;
    };

export type Tell = (judgement: Judgement) => void;

export function newSeries(rule: Rule): Series {
  return { rule, since: 0, worst: null, open: null, late: null, untold: null };
}

/**
 * Judges a reading that is newer than all before it. Between two readings beyond the limit the value is taken to have
 * stayed there; one that is not ends the wait for `for`.
 */
export function judge(series: Series, time: number, receivedAt: number, value: Value, tell: Tell): void {
  const { rule, open } = series;
  if (open !== null) judgeOpen(series, open, time, receivedAt, value, tell);
  else if (!breaches(rule, value)) series.since = 0;
  else {
    const since = series.since === 0 ? time : series.since;
    series.worst = worse(rule, series.since === 0 ? null : series.worst, value);
    series.since = since;
    if (time - since < rule.forUs) return;
    const past = receivedAt - time > LATE_US;
    const alarm = { since, raisedAt: time, seenAt: receivedAt, value, worst: series.worst, past };
    series.open = alarm;
    series.since = 0;
    tell({ kind: 'raised', series, alarm });
  }
}

function judgeOpen(series: Series, open: OpenAlarm, time: number, seenAt: number, value: Value, tell: Tell) {
  if (isWell(series.rule, value)) {
    series.open = null;
    tell({ kind: 'cleared', series, alarm: open, at: time, seenAt });
    return;
  }
  open.worst = worse(series.rule, open.worst, value);
  if (!open.past || seenAt - time > LATE_US) return;
  open.past = false;
  tell({ kind: 'confirmed', series, alarm: open });
}

/**
 * Judges a reading that came after newer ones of its metric. It tells of the past only: how things stand now is known
 * from the newer ones. Readings that come in their own order make one run, and so do those of a backlog that comes
 * newest first (`isFalling`).
 */
export function judgeLate(
  series: Series,
  { time, receivedAt, isFalling }: { time: number; receivedAt: number; isFalling: boolean },
  value: Value,
  tell: Tell,
): void {
  const { rule, open } = series;
  // What is raised now covers it.
  if (open !== null && time >= open.since) return;
  let run = series.late;
  if (run === null && !breaches(rule, value)) return;
  if (run !== null && isFalling && time < run.since) {
    extendBack(series, run, time, receivedAt, value, tell);
    return;
  }
  if (run === null || time <= run.newest) {
    run = { newest: time, since: 0, isRaised: false, raisedAt: 0, value: null, worst: null };
  }
  run.newest = time;
  series.late = null;
  if (run.isRaised ? isWell(rule, value) : !breaches(rule, value)) {
    if (run.isRaised) tellPast(series, run, time, receivedAt, tell);
    return;
  }
  series.late = run;
  if (run.since === 0) run.since = time;
  run.worst = worse(rule, run.worst, value);
  if (!run.isRaised && time - run.since < rule.forUs) return;
  if (!run.isRaised) Object.assign(run, { isRaised: true, raisedAt: time, value });
  tellPast(series, run, time, receivedAt, tell);
}

/** The run began earlier than was known, or something that was well came before it. */
function extendBack(
  series: Series,
  run: LateRun,
  time: number,
  seenAt: number,
  value: Value,
  tell: Tell,
): void {
  const { rule } = series;
  if (!breaches(rule, value)) {
    if (!run.isRaised || isWell(rule, value)) series.late = null;
    return;
  }
  run.since = time;
  run.worst = worse(rule, run.worst, value);
  if (run.newest - time < rule.forUs) return;
  if (!run.isRaised) Object.assign(run, { isRaised: true, raisedAt: run.newest, value });
  tellPast(series, run, run.newest, seenAt, tell);
}

function tellPast(series: Series, run: LateRun, to: number, seenAt: number, tell: Tell): void {
  const { since, raisedAt, value, worst } = run;
  if (value === null || worst === null) return;
  tell({ kind: 'past', series, since, raisedAt, to, value, worst, seenAt });
}
