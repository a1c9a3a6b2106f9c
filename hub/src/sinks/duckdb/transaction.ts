import type { DuckDBConnection } from '@duckdb/node-api';

/** Runs `work` in a transaction of the connection: all of it or, after an error, nothing. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('begin');
  try {
    const result = await work();
    await connection.run('commit');
    return result;
  } catch (error) {
    try {
      await connection.run('rollback');
    } catch {
      // A commit that failed has ended the transaction, and so has an instance that was given up.
    }
    throw error;
  }
}
