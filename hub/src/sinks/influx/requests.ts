import { unlessStopped } from '../unless-stopped.js';

export interface RequestBounds {
  readonly timeoutMs: number;
  /** The error when the time is over. */
  readonly late: () => Error;
  /** Of the caller, which may live as long as the hub. */
  readonly signal?: AbortSignal | undefined;
}

/** Requests that end in any case: when their time is over, when their caller gives up, and when all are closed. */
export class Requests {
  readonly #closed: () => Error;
  /** Signals that are joined would pile up at one that lives as long as the hub. */
  readonly #underWay = new Set<AbortController>();
  #isClosed = false;

  /** @param closed the error of those that are ended by {@link close} */
  constructor(closed: () => Error) {
    this.#closed = closed;
  }

  /**
   * What `work` comes to, unless its end comes first.
   * @throws the reason of its end, also where `work` failed because of that; else `otherwise(error)`
   */
  async run<T>(
    { timeoutMs, late, signal }: RequestBounds,
    work: (signal: AbortSignal) => Promise<T>,
    otherwise: (error: unknown) => Error,
  ): Promise<T> {
    const stop = new AbortController();
    const stopped = () => stop.abort(signal?.reason);
    const timer = setTimeout(() => stop.abort(late()), timeoutMs);
    signal?.addEventListener('abort', stopped);
    this.#underWay.add(stop);
    try {
      if (signal?.aborted === true) stopped();
      if (this.#isClosed) stop.abort(this.#closed());
      stop.signal.throwIfAborted();
      return await unlessStopped(work(stop.signal), stop.signal);
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : otherwise(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      this.#underWay.delete(stop);
    }
  }

  /** Ends what is under way; nothing can be asked any more. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#underWay) stop.abort(this.#closed());
  }
}
