import { readProblem } from '@fieldline/protocol/browser';
import { ClockOffset } from './clock-offset.js';

/** What the hub said no with (RFC 9457), or `unreachable` / `timeout` when it said nothing. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const DEADLINE_MS = 10_000;

/** The hub's clock, learned from its answers: ages are measured by the clock that stamped the readings. */
export const hubClock = new ClockOffset();

/** Who wants to know that the session is over. One listener: the log-in view. */
let onUnauthorised: () => void = () => {};
export function whenUnauthorised(listener: () => void): void {
  onUnauthorised = listener;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** Makes a request that is sent again harmless: `Idempotency-Key`. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/**
 * Asks the hub's API. The answer's shape is the hub's word: page and hub are built and shipped together.
 * @param path below `/api/v1`, with its query
 * @throws ApiError with the hub's stable code, `timeout` after 10 s, or `unreachable`
 */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', body, key, signal } = options;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const askedAt = Date.now();
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (deadline.aborted) throw new ApiError('timeout', 0, 'no answer within 10 s', { cause });
    throw new ApiError('unreachable', 0, 'the hub does not answer', { cause });
  }
  hubClock.learn(response.headers.get('date'), askedAt, Date.now());
  if (response.status === 204) return undefined as Answer;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const { code, detail } = readProblem(answer);
  // A wrong password is an answer to a question; any other 401 means that the session is over.
  if (response.status === 401 && !(method === 'POST' && path === '/session')) onUnauthorised();
  throw new ApiError(code ?? `http_${response.status}`, response.status, detail ?? response.statusText);
}
