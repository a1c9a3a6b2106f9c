import { ApiError, hubClock } from './client.js';

/** How a sink is doing: `retrying` goes on by itself, `holding` waits for somebody to do something. */
export type SinkState = 'starting' | 'running' | 'retrying' | 'holding' | 'closed';

export interface SinkReadiness {
  readonly state: SinkState;
  /** Readings in the journal that it has not confirmed. */
  readonly lag: number;
  /** When the oldest of them was journaled, ms since 1970; null when it has caught up. */
  readonly oldest: number | null;
  readonly written: number;
  readonly skipped: number;
  /** Its last error, while it lasts. */
  readonly error?: string;
}

export interface JournalReadiness {
  readonly bytes: number;
  readonly maxBytes: number;
  readonly segments: number;
  readonly damaged: number;
  /** Why nothing can be journaled; null while it can. */
  readonly trouble: string | null;
}

export interface Readiness {
  readonly status: 'ready' | 'unavailable';
  readonly journal: JournalReadiness;
  readonly sinks: Readonly<Record<string, SinkReadiness>>;
}

const DEADLINE_MS = 5_000;

/**
 * Asks `GET /readyz`. 503 is an answer too: nothing can be journaled.
 * @throws ApiError `unreachable`, or `http_<status>` for an answer that is none
 */
export async function readiness(): Promise<Readiness> {
  const askedAt = Date.now();
  let response: Response;
  try {
    response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch (cause) {
    throw new ApiError('unreachable', 0, 'the hub does not answer', { cause });
  }
  hubClock.learn(response.headers.get('date'), askedAt, Date.now());
  const answer = (await response.json().catch(() => null)) as Readiness | null;
  if (answer?.journal && answer.sinks) return answer;
  throw new ApiError(`http_${response.status}`, response.status, response.statusText);
}
