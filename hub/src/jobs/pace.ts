/** Timers do not come more often than this; what is faster comes as several beats in a row. */
const SHORTEST_MS = 20;

/** Beats at a steady rate, from now on until it is stopped. It makes up for nothing that it missed. */
export class Pace {
  readonly #perSecond: number;
  readonly #onBeat: () => void;
  #timer: NodeJS.Timeout | null = null;
  #credit = 1;

  constructor(perSecond: number, onBeat: () => void) {
    this.#perSecond = perSecond;
    this.#onBeat = onBeat;
  }

  start(): void {
    const everyMs = Math.max(SHORTEST_MS, 1_000 / this.#perSecond);
    const beat = () => {
      for (; this.#credit >= 1 && this.#timer !== null; this.#credit--) this.#onBeat();
      this.#credit += (everyMs * this.#perSecond) / 1_000;
    };
    this.#timer = setInterval(beat, everyMs).unref();
    // The first one at once, but not within the call.
    setImmediate(beat);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
