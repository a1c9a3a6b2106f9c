import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** DuckDB forgets an interrupt that comes between two statements, or just before the first: so it is repeated. */
export const INTERRUPT_EVERY_MS = 10;

/**
 * An open DuckDB file and its connections. Opening one file twice in a process is what must never happen: the
 * file lock is the process's, so the second one succeeds, and closing either gives the lock away. Therefore
 * `close` waits for everything that still runs.
 */
export class Instance {
  readonly #instance: DuckDBInstance;
  readonly #memory: string;
  readonly #connections = new Set<DuckDBConnection>();
  readonly #running = new Set<Promise<unknown>>();

  private constructor(instance: DuckDBInstance, memory: string) {
    this.#instance = instance;
    this.#memory = memory;
  }

  static async open(path: string, memory: string): Promise<Instance> {
    const instance = await DuckDBInstance.create(path, {
      memory_limit: memory,
      // Work runs on the thread that asks for it: one of Node's pool.
      threads: '1',
      temp_directory: `${path}.tmp`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Instance(instance, memory);
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    this.#connections.add(connection);
    return connection;
  }

  /**
   * Gives freed memory back to the system. DuckDB's allocator keeps it for later otherwise, since the task that
   * returns it belongs to the threads that DuckDB does not have here. Setting the limit, even to what it is,
   * purges the allocator: some milliseconds.
   */
  async giveMemoryBack(connection: DuckDBConnection): Promise<void> {
    await connection.run(`set memory_limit = '${this.#memory}'`);
  }

  /** Keeps the instance open until `work` has ended. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Interrupts what runs, waits for its end, and closes. */
  async close(): Promise<void> {
    const interrupt = () => {
      for (const connection of this.#connections) connection.interrupt();
    };
    const repeated = setInterval(interrupt, INTERRUPT_EVERY_MS);
    interrupt();
    await Promise.allSettled(this.#running);
    clearInterval(repeated);
    for (const connection of this.#connections) connection.closeSync();
    this.#connections.clear();
    this.#instance.closeSync();
  }
}
