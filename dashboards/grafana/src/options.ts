import type { ValueType } from '@fieldline/protocol';
import { REPORT_MS } from './queries/hub-reports.js';

/** What the provisioning depends on beside the device profiles. */
export interface GenerateOptions {
  /** Which InfluxDB Grafana asks; each of them by InfluxQL. */
  readonly influxVersion: 1 | 2 | 3;
  /** Address of InfluxDB as Grafana reaches it, without credentials. */
  readonly influxUrl: string;
  /** `influx.database`. */
  readonly database: string;
  /** `influx.reportMs`: how often the hub writes of itself; 0 where it does not. */
  readonly reportMs: number;
  /** Address of the hub as browsers reach it; links to the live page begin with it. */
  readonly hubUrl: string;
  /** Where Grafana finds the files of `dashboards/`. */
  readonly dashboardsPath: string;
  /** Who is told of alerts, until somebody provisions another contact point. */
  readonly alertEmail: string;
  /** Metrics whose type an admin has changed: by profile, then by metric. */
  readonly retyped: ReadonlyMap<string, ReadonlyMap<string, ValueType>>;
  /** Uids of the alert rules that Grafana may have of earlier files: those that are made no more are deleted. */
  readonly rulesBefore: readonly string[];
}

export const DEFAULT_OPTIONS: GenerateOptions = {
  influxVersion: 1,
  influxUrl: 'http://influxdb:8086',
  database: 'fieldline',
  reportMs: REPORT_MS,
  hubUrl: 'http://127.0.0.1:8080',
  dashboardsPath: '/var/lib/grafana/dashboards',
  alertEmail: 'fieldline@example.invalid',
  retyped: new Map(),
  rulesBefore: [],
};
