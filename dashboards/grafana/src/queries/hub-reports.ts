import { duration } from './influxql.js';

/** `influx.reportMs` where nobody says otherwise. */
export const REPORT_MS = 10_000;
/** Oftener the hub does not report. */
const LEAST_MS = 1_000;
/** A silence that is shorter is no gap in a line. */
const LEAST_GAP_MS = 60_000;
const GAP_REPORTS = 3;
/** The hub writes of 500 devices at a time, in turn: within this time of all of a fleet of thirty thousand. */
const DEVICES_MS = 600_000;

/** Narrower buckets than these are empty, because the hub writes of itself only so often; as Grafana writes it: `10s`. */
export function reportInterval(reportMs: number): string {
  // Of a hub that writes nothing there is nothing to be narrow.
  return duration(reportMs === 0 ? REPORT_MS : Math.max(LEAST_MS, reportMs));
}

/** For how long the hub may have written nothing of itself until it is a silence, in ms. */
export function reportGapMs(reportMs: number): number {
  return Math.max(LEAST_GAP_MS, GAP_REPORTS * reportMs);
}

/** For how long the hub may have written nothing of a device until nothing is known of it, in ms. */
export function deviceGapMs(reportMs: number): number {
  return Math.max(DEVICES_MS, reportGapMs(reportMs));
}
