import type { Config } from '../../config.js';
import { influxTarget } from '../../sinks/influx/connection.js';
import { WriteClient } from '../../sinks/influx/write-client.js';
import { InfluxReport, type InfluxReportOptions } from './influx-report.js';

/** Oftener would tell no more than `/metrics` does, and cost more. */
const LEAST_MS = 1_000;

/** Begins to report to InfluxDB, where there is one and `influx.reportMs` does not say otherwise; else null. */
export function openInfluxReport(
  config: Config,
  options: Omit<InfluxReportOptions, 'client' | 'everyMs'>,
): InfluxReport | null {
  const { influx } = config;
  if (influx.url === null || influx.reportMs === 0) return null;
  const target = influxTarget(influx);
  const report = new InfluxReport({
    ...options,
    everyMs: Math.max(LEAST_MS, influx.reportMs),
    client: new WriteClient({ target, gzip: influx.gzip }),
  });
  report.open();
  return report;
}
