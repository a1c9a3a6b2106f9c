import type { Influxd } from './influxd.js';

/** The continuous queries of a database. */
export async function continuousQueries(influxd: Influxd, database: string) {
  const series = await influxd.query('SHOW CONTINUOUS QUERIES', database);
  return series
    .filter(({ name }) => name === database)
    .flatMap(({ values = [] }) => values.map(([name, text]) => ({ name: String(name), text: String(text) })));
}

/** The retention policies of a database, with their durations. */
export async function policies(influxd: Influxd, database: string): Promise<Record<string, unknown>> {
  const series = await influxd.query(`SHOW RETENTION POLICIES ON ${quoted(database)}`);
  return Object.fromEntries(series.flatMap(({ values }) => values).map(([name, span]) => [name, span]));
}

/** A name without backslashes, as InfluxQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '\\"')}"`;
}
