import type { InfluxClient } from './client.js';
import { identifier } from './quoting.js';
import { isOwnQuery, type Statement } from './rollup-statements.js';

/**
 * Sees to it that the hub's continuous queries are exactly these: makes what is missing, removes what is
 * not wanted, and leaves the queries of others alone.
 */
export async function ensureContinuousQueries(
  client: InfluxClient,
  queries: readonly Statement[],
): Promise<void> {
  const wanted = new Map(queries.map(({ name, text }) => [name, text]));
  const found = await ownQueries(client);
  for (const name of found) {
    if (wanted.has(name)) continue;
    const on = identifier(client.target.database);
    await client.query(`DROP CONTINUOUS QUERY ${identifier(name)} ON ${on}`);
  }
  for (const [name, text] of wanted) if (!found.includes(name)) await client.query(text);
}

async function ownQueries(client: InfluxClient): Promise<string[]> {
  const [databases = []] = await client.query('SHOW CONTINUOUS QUERIES');
  return databases
    .filter(({ name }) => name === client.target.database)
    .flatMap(({ values }) => values.map(([name]) => String(name)))
    .filter(isOwnQuery);
}
