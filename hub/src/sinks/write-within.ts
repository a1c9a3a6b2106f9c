import type { Entry } from '@fieldline/journal';
import { type Rejection, type Sink, SinkError } from './sink.js';

/** How long an aborted write may take to end before a pump that closes goes on without it. */
const ABORT_GRACE_MS = 1_000;

export interface WriteBounds {
  /** The write is aborted when it has not ended by then. */
  readonly timeoutMs: number;
  /** The pump closes: the write is aborted, and abandoned when it does not notice. */
  readonly stop: AbortSignal;
  /** Called when the time is over. The write may still be under way: there is never a second one beside it. */
  readonly onTimeout: (error: SinkError) => void;
}

/**
 * A write that knows when to end.
 * @throws SinkError `network` when it was aborted after its time; else whatever the sink throws
 */
export async function writeWithin(
  sink: Sink,
  entries: readonly Entry[],
  { timeoutMs, stop, onTimeout }: WriteBounds,
): Promise<readonly Rejection[]> {
  const abort = new AbortController();
  let timedOut: SinkError | undefined;
  const timeout = setTimeout(() => {
    timedOut = new SinkError('network', `a write has not ended after ${timeoutMs} ms`);
    onTimeout(timedOut);
    abort.abort();
  }, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  let stopped: () => void = () => undefined;
  const abandoned = new Promise<never>((_, reject) => {
    stopped = () => {
      abort.abort(stop.reason);
      grace = setTimeout(reject, ABORT_GRACE_MS, stop.reason);
    };
  });
  stop.addEventListener('abort', stopped);
  try {
    return await Promise.race([sink.write(entries, abort.signal), abandoned]);
  } catch (error) {
    throw timedOut === undefined ? error : new SinkError('network', timedOut.message, { cause: error });
  } finally {
    clearTimeout(timeout);
    clearTimeout(grace);
    stop.removeEventListener('abort', stopped);
  }
}
