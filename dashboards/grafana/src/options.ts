import type { ValueType } from '@fieldline/protocol';

/** What the provisioning depends on beside the device profiles. */
export interface GenerateOptions {
  /** Which InfluxDB Grafana asks; each of them by InfluxQL. */
  readonly influxVersion: 1 | 2 | 3;
  /** Address of InfluxDB as Grafana reaches it, without credentials. */
  readonly influxUrl: string;
  /** `influx.database`. */
  readonly database: string;
  /** Address of the hub as browsers reach it; links to the live page begin with it. */
  readonly hubUrl: string;
  /** Where Grafana finds the files of `dashboards/`. */
  readonly dashboardsPath: string;
  /** Who is told of alerts, until somebody provisions another contact point. */
  readonly alertEmail: string;
  /** Metrics whose type an admin has changed: by profile, then by metric. */
  readonly retyped: ReadonlyMap<string, ReadonlyMap<string, ValueType>>;
}

export const DEFAULT_OPTIONS: GenerateOptions = {
  influxVersion: 1,
  influxUrl: 'http://influxdb:8086',
  database: 'fieldline',
  hubUrl: 'http://127.0.0.1:8080',
  dashboardsPath: '/var/lib/grafana/dashboards',
  alertEmail: 'fieldline@example.invalid',
  retyped: new Map(),
};
