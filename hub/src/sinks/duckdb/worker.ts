import { parentPort } from 'node:worker_threads';
import type { CallName, Calls, Notice, Reply, Request } from './calls.js';
import { Database } from './database.js';
import { failureOf, HistoryFailure } from './failure.js';

/**
 * The thread that owns the history file. It must never die of an error: a DuckDB call that is under way when
 * its thread ends takes the whole process with it.
 */
const port = parentPort;
if (port === null) throw new Error('duckdb/worker.ts runs in a worker thread');

let database: Database | undefined;

port.on('message', (request: Request) => {
  answer(request).then(
    (output) => reply({ id: request.id, output }, request.name === 'write' ? [request.input.block] : []),
    (error: unknown) => reply({ id: request.id, failure: failureOf(error) }),
  );
});

async function answer(request: Request): Promise<Calls[CallName]['output']> {
  if (request.name === 'open') {
    database = new Database(request.input, tell);
    return { series: await database.open() };
  }
  if (database === undefined) throw new HistoryFailure('internal', 'the history is not open');
  switch (request.name) {
    case 'cursor':
      return database.cursor(request.input.journal, request.input.head);
    case 'write':
      return {
        added: await database.write(request.input.parts, request.input.last),
        block: request.input.block,
      };
    case 'buckets':
      return database.buckets(request.input);
    case 'rows':
      return database.rows(request.input);
    case 'compact':
      return database.compact(false);
    case 'freeze':
      return database.freeze();
    case 'thaw':
      return database.thaw();
    case 'close':
      await database.close();
      database = undefined;
      return null;
  }
}

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function tell(notice: Notice): void {
  port?.postMessage(notice);
}

process.on('uncaughtException', (error) => {
  tell({ notice: 'failed', message: error.stack ?? error.message, report: null });
});
