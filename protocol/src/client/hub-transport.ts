import { readProblem } from '../http/read-problem.js';
import { HubApiError } from './hub-api-error.js';

export interface HubTransportOptions {
  /** Address of the hub; empty for the one that a page came from. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** An API token; a page has its cookie instead. */
  readonly token?: string | undefined;
  /** How long an answer may take; 10 s by default. */
  readonly timeoutMs?: number;
  /** Looks at each answer before its body has come, and when it was asked for (ms since 1970). Must not throw. */
  readonly onAnswer?: (response: Response, askedAtMs: number) => void;
  /** What is thrown instead of a {@link HubApiError}. */
  readonly translate?: (error: HubApiError) => Error;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Added to the path; what is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Makes a request that is sent again harmless: `Idempotency-Key`. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longer than usual, where the hub is asked to wait. */
  readonly timeoutMs?: number | undefined;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request to the hub's HTTP API after another (protocol §3). Runs wherever there is a `fetch`. */
export class HubTransport {
  readonly #options: HubTransportOptions;

  constructor(options: HubTransportOptions) {
    this.#options = options;
  }

  /**
   * The answer is trusted to have the shape that the hub's OpenAPI document gives it; no content is undefined.
   * @param path below `/api/v1`, its parts escaped
   * @throws HubApiError or what it is translated to; the signal's reason when `signal` is aborted
   */
  async call<Answer>(method: HttpMethod, path: string, options: CallOptions = {}): Promise<Answer> {
    try {
      return await this.#call(method, path, options);
    } catch (error) {
      const { translate } = this.#options;
      throw error instanceof HubApiError && translate !== undefined ? translate(error) : error;
    }
  }

  async #call<Answer>(method: HttpMethod, path: string, options: CallOptions): Promise<Answer> {
    const { url, token, onAnswer } = this.#options;
    const { body, key, query = {}, signal, timeoutMs = this.#options.timeoutMs ?? 10_000 } = options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const askedAtMs = Date.now();
    let response: Response;
    let text: string;
    try {
      // A browser's `fetch` wants to be called as a function, not as a method of something.
      const { fetch } = this.#options;
      response = await fetch(`${url}/api/v1${path}${searchOf(query)}`, {
        method,
        credentials: 'same-origin',
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      onAnswer?.(response, askedAtMs);
      text = await response.text();
    } catch (cause) {
      if (signal?.aborted) throw cause;
      if (deadline.aborted)
        throw new HubApiError('timeout', 0, `no answer within ${timeoutMs / 1_000} s`, { cause });
      throw new HubApiError('unreachable', 0, 'the hub does not answer', { cause });
    }
    return answerOf(response, text) as Answer;
  }
}

function searchOf(query: NonNullable<CallOptions['query']>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

function answerOf(response: Response, text: string): unknown {
  let answer: unknown;
  let cause: unknown;
  try {
    answer = text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  const { ok, status, statusText } = response;
  if (!ok) {
    const { code, detail } = readProblem(answer);
    throw new HubApiError(code ?? `http_${status}`, status, detail ?? (statusText || `HTTP ${status}`));
  }
  if (cause !== undefined) throw new HubApiError('not_a_hub', status, 'the answer is no JSON', { cause });
  return answer;
}
