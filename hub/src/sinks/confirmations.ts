interface Waiter {
  readonly offset: number;
  readonly end: (confirmed: boolean) => void;
}

/** Those who wait until a sink has confirmed an offset. */
export class Confirmations {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves to true when `offset` is reached, to false after `timeoutMs` or when the waiting is cancelled. */
  wait(offset: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        offset,
        end: (confirmed) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(confirmed);
        },
      };
      const timer = setTimeout(() => waiter.end(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  reached(offset: number): void {
    for (const waiter of [...this.#waiters]) if (waiter.offset <= offset) waiter.end(true);
  }

  cancel(): void {
    for (const waiter of [...this.#waiters]) waiter.end(false);
  }
}
