/**
 * A question that the hub is asked at once and then every so often, while the page can be seen: never twice at a time, and
 * without complaint while the hub is away, since the link's own strip says so and what was known stays.
 */
export class Question {
  readonly #everyMs: number;
  readonly #ask: () => Promise<void>;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  /** @param ask asks, and keeps the answer; its rejection changes nothing */
  constructor(everyMs: number, ask: () => Promise<void>) {
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#follow);
    this.#follow();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#follow);
    clearInterval(this.#timer);
  }

  /** Asks once, if it is not on its way already. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#ask();
    } catch {
      // The hub is away.
    } finally {
      this.#isAsking = false;
    }
  }

  readonly #follow = (): void => {
    clearInterval(this.#timer);
    if (document.hidden) return;
    void this.ask();
    this.#timer = setInterval(() => void this.ask(), this.#everyMs);
  };
}
