import http from 'node:http';
import https from 'node:https';
import { InfluxDB, type IResponse } from 'influx';
import { beginningOf } from './beginning-of.js';
import { endpoint, type InfluxTarget } from './connection.js';
import { answeredWith, InfluxError, kindOfMessage } from './influx-error.js';
import { Requests } from './requests.js';

/** What a parameter `$name` of a query stands for. InfluxDB itself puts it in: it cannot become syntax. */
export type Placeholders = Readonly<Record<string, string | number>>;

/** One series of an answer: a table, with the tags that the query grouped by. */
export interface Series {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
  /** There may be more rows: InfluxDB has cut the answer off, or put it together of chunks that were all full. */
  readonly isPartial: boolean;
}
export type Cell = string | number | boolean | null;

/** What `/ping` answered. */
export interface Pong {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface QueryOptions {
  readonly placeholders?: Placeholders;
  /** Instead of the target's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The package does not export its own type. */
interface Backoff {
  readonly getDelay: () => number;
  readonly next: () => Backoff;
  readonly reset: () => Backoff;
}
type ResponseSeries = NonNullable<IResponse['results'][number]['series']>[number];

const SOCKETS = 4;
/** What InfluxDB says of the other statements of a request that failed. */
const NOT_EXECUTED = 'not executed';
/** The chunks of which InfluxDB makes an answer. */
const CHUNK_ROWS = 10_000;
/** A ping answers with a line, if with anything. */
const MAX_PING_BYTES = 4_096;

/** One failure does not take the only host away: whoever asked decides when to ask again. */
const noBackoff: Backoff = {
  getDelay: () => 0,
  next: () => noBackoff,
  reset: () => noBackoff,
};

/**
 * Queries to InfluxDB over the `influx` package, each behind a deadline: the package never settles a call whose
 * connection was reset in mid-answer.
 */
export class InfluxClient {
  readonly target: InfluxTarget;
  readonly #agent: http.Agent;
  readonly #influx: InfluxDB;
  readonly #requests = new Requests(closed);
  #isOneByOne = false;

  constructor(target: InfluxTarget) {
    this.target = target;
    const isTls = target.url.protocol === 'https:';
    this.#agent = new (isTls ? https : http).Agent({ keepAlive: true, maxSockets: SOCKETS });
    this.#influx = new InfluxDB({
      database: target.database,
      // Not undefined: the package would send root:root. Credentials are in the headers.
      username: null as unknown as string,
      password: null as unknown as string,
      hosts: [
        {
          protocol: isTls ? 'https' : 'http',
          host: target.url.hostname,
          port: Number(target.url.port) || (isTls ? 443 : 80),
          path: target.url.pathname.replace(/\/+$/, ''),
          options: { agent: this.#agent, headers: { ...target.headers } },
        },
      ],
      // No limit of its own, which would not be that of the query, and would not be told from a failure.
      pool: { maxRetries: 0, requestTimeout: 0, backoff: noBackoff },
    });
  }

  /**
   * Asks `/ping`. Not by the package, whose ping knows no path before it and keeps neither the reason of a failure
   * nor the body, by which version 3 is told.
   * @throws InfluxError `network`, `timeout`
   */
  async ping(): Promise<Pong> {
    return this.#within(this.target.timeoutMs, undefined, async (signal) => {
      const response = await fetch(endpoint(this.target, '/ping'), { headers: this.target.headers, signal });
      const body = await beginningOf(response, MAX_PING_BYTES);
      return { status: response.status, headers: response.headers, body };
    });
  }

  /** From now on every statement goes in a request of its own: version 3 takes one at a time. */
  askOneByOne(): void {
    this.#isOneByOne = true;
  }

  /**
   * The answer to a statement, or to several, which are asked at once where the server takes that: for each its series.
   * Times are µs since 1970.
   * @throws InfluxError
   */
  async query(
    statements: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<readonly (readonly Series[])[]> {
    if (typeof statements === 'string') return this.#request(statements, options);
    if (!this.#isOneByOne) {
      try {
        return await this.#request(statements.join('; '), options);
      } catch (error) {
        // InfluxDB 1.x says so in place of the reason, unless the last statement failed. Alone, each has its own.
        const isHidden = error instanceof InfluxError && error.message.endsWith(NOT_EXECUTED);
        if (!isHidden || statements.length < 2) throw error;
      }
    }
    const answers: (readonly Series[])[] = [];
    for (const statement of statements) answers.push((await this.#request(statement, options))[0] ?? []);
    return answers;
  }

  async #request(text: string, options: QueryOptions): Promise<readonly (readonly Series[])[]> {
    const { results } = await this.#ask(text, options);
    const errors = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
    const error = errors.find((text) => text !== NOT_EXECUTED) ?? errors[0];
    if (error !== undefined) throw new InfluxError(kindOfMessage(error), told(error));
    const answers = results.map(({ series }) => (series ?? []).map(seriesOf));
    if (answers.flat().some(({ isPartial, values }) => isPartial && values.length % CHUNK_ROWS !== 0)) {
      throw new InfluxError('refused', 'InfluxDB cuts its answers off: its max-row-limit is too low');
    }
    return answers;
  }

  /** The rows of a statement such as SHOW, with their columns as keys. */
  async rows(text: string, options: QueryOptions = {}): Promise<readonly Readonly<Record<string, Cell>>[]> {
    const [series = []] = await this.query(text, options);
    return series.flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]))),
    );
  }

  /** Ends what is under way. */
  close(): void {
    this.#requests.close();
    this.#agent.destroy();
  }

  #ask(text: string, { placeholders, timeoutMs, signal }: QueryOptions): Promise<IResponse> {
    const limitMs = timeoutMs ?? this.target.timeoutMs;
    return this.#within(limitMs, signal, async (stop) => {
      const answer: unknown = await this.#influx.queryRaw(text, {
        database: this.target.database,
        precision: 'u',
        method: 'POST',
        signal: stop,
        ...(placeholders === undefined ? {} : { placeholders: { ...placeholders } }),
      });
      if (isResponse(answer)) return answer;
      throw new InfluxError('refused', 'the server did not answer as InfluxDB does');
    });
  }

  #within<T>(
    timeoutMs: number,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = () => new InfluxError('timeout', `InfluxDB did not answer within ${timeoutMs} ms`);
    return this.#requests.run({ timeoutMs, late, signal }, work, (error) =>
      influxErrorOf(error, this.target),
    );
  }
}

function closed(): InfluxError {
  return new InfluxError('network', 'the connection was closed');
}

function isResponse(answer: unknown): answer is IResponse {
  return (
    typeof answer === 'object' && answer !== null && 'results' in answer && Array.isArray(answer.results)
  );
}

function seriesOf(series: ResponseSeries): Series {
  const { name, tags, columns, values } = series;
  // The types of the package do not know it.
  const isPartial = 'partial' in series && series.partial === true;
  return { name: name ?? '', tags: tags ?? {}, columns, values: (values ?? []) as Cell[][], isPartial };
}

function told(message: string): string {
  return `InfluxDB: ${message.slice(0, 300)}`;
}

/** Takes over what an error says, never the request that it holds. */
function influxErrorOf(error: unknown, { url }: InfluxTarget): InfluxError {
  if (error instanceof InfluxError) return error;
  if (!(error instanceof Error)) return new InfluxError('network', String(error));
  const [, status, body] = /^A (\d{3}) .* error occurred: (.*)$/s.exec(error.message) ?? [];
  if (status !== undefined) return answeredWith(Number(status), body ?? '');
  if (error instanceof SyntaxError && error.message.includes('"json: err')) {
    // InfluxDB makes the whole answer an error text when one of its numbers is infinite.
    return new InfluxError('overflow', 'a number in the answer of InfluxDB is infinite');
  }
  if (error instanceof SyntaxError) return new InfluxError('network', 'the answer of InfluxDB is cut off');
  const isNetwork = 'code' in error || error.cause !== undefined;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  if (isNetwork)
    return new InfluxError(
      'network',
      `InfluxDB at ${url.origin} cannot be reached: ${code ?? cause.message}`,
    );
  return new InfluxError('server', told(error.message));
}
