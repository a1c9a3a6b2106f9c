import type { InfluxClient } from './client.js';
import { identifier } from './quoting.js';
import { continuousQuery, isOwnQuery, type RollupSource } from './rollup-statements.js';

/**
 * Sees to it that the hub's continuous queries are exactly those of `sources`: makes what is missing, removes what is
 * not wanted, and leaves the queries of others alone.
 */
export async function ensureContinuousQueries(
  client: InfluxClient,
  sources: readonly RollupSource[],
): Promise<void> {
  const wanted = new Map(sources.map(continuousQuery).map(({ name, statement }) => [name, statement]));
  const found = await ownQueries(client);
  for (const name of found) {
    if (wanted.has(name)) continue;
    const on = identifier(client.target.database);
    await client.query(`DROP CONTINUOUS QUERY ${identifier(name)} ON ${on}`);
  }
  for (const [name, statement] of wanted) if (!found.includes(name)) await client.query(statement);
}

async function ownQueries(client: InfluxClient): Promise<string[]> {
  const [databases = []] = await client.query('SHOW CONTINUOUS QUERIES');
  return databases
    .filter(({ name }) => name === client.target.database)
    .flatMap(({ values }) => values.map(([name]) => String(name)))
    .filter(isOwnQuery);
}
