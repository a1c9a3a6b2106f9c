import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { SinkError } from '../sink.js';
import { beginningOf } from './beginning-of.js';
import { endpoint, type InfluxTarget } from './connection.js';
import { Requests } from './requests.js';

export interface WriteClientOptions {
  readonly target: InfluxTarget;
  /** Compress what is sent. */
  readonly gzip: boolean;
  readonly fetch?: typeof fetch;
}

/** What the server said to a write. */
export interface WriteAnswer {
  readonly status: number;
  /** Its beginning, where it is long. */
  readonly body: string;
}

/** Reasons are short; version 3 repeats the lines that it refuses. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** The least effort: lines repeat themselves so much that more of it saves little. */
const GZIP = { level: 1 } as const;

const compress = promisify(gzip);

/** Sends lines to `/write`, over connections that are kept. Every request has a deadline. */
export class WriteClient {
  readonly #options: WriteClientOptions;
  readonly #fetch: typeof fetch;
  readonly #requests = new Requests(closed);

  constructor(options: WriteClientOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? fetch;
  }

  /**
   * Sends lines (UTF-8) with timestamps in microseconds.
   * @param retentionPolicy undefined for the database's default
   * @throws SinkError `network` when there is no whole answer in time; the reason of `signal` once it is aborted
   */
  async write(
    lines: Uint8Array,
    retentionPolicy: string | undefined,
    signal: AbortSignal,
  ): Promise<WriteAnswer> {
    const { target } = this.#options;
    const url = endpoint(target, '/write');
    url.searchParams.set('db', target.database);
    url.searchParams.set('precision', 'u');
    if (retentionPolicy !== undefined) url.searchParams.set('rp', retentionPolicy);
    const headers: Record<string, string> = {
      ...target.headers,
      'Content-Type': 'text/plain; charset=utf-8',
      ...(this.#options.gzip ? { 'Content-Encoding': 'gzip' } : {}),
    };
    const sent = this.#options.gzip ? await compress(lines, GZIP) : lines;
    return this.#request(url, { method: 'POST', headers, body: sent }, signal);
  }

  /** Whether the server says that it is well. */
  async ping(signal: AbortSignal): Promise<boolean> {
    const { target } = this.#options;
    try {
      const { status } = await this.#request(endpoint(target, '/ping'), { headers: target.headers }, signal);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  /** Ends what is under way; nothing can be sent any more. */
  close(): void {
    this.#requests.close();
  }

  #request(url: URL, init: RequestInit, signal: AbortSignal): Promise<WriteAnswer> {
    const { timeoutMs, url: base } = this.#options.target;
    const late = () => new SinkError('network', `InfluxDB did not answer within ${timeoutMs} ms`);
    return this.#requests.run(
      { timeoutMs, late, signal },
      async (stop) => {
        // Credentials must not follow a redirection to somewhere else.
        const response = await this.#fetch(url, { ...init, redirect: 'manual', signal: stop });
        return { status: response.status, body: await beginningOf(response, MAX_ANSWER_BYTES) };
      },
      (error) => new SinkError('network', `InfluxDB at ${base.origin} cannot be reached: ${reasonOf(error)}`),
    );
  }
}

function closed(): SinkError {
  return new SinkError('network', 'the connection to InfluxDB was closed');
}

/** What fetch says is `fetch failed`; what happened is in its cause, or in the causes of that. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause === undefined ? error.message || error.name : reasonOf(error.cause);
}
