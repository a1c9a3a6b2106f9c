import { type ReadonlySignal, signal } from '@preact/signals';

/** What the hub counted in a few seconds. */
export interface Sample {
  /** Its end, ms since 1970. */
  readonly at: number;
  /** A second. */
  readonly readings: number;
}

/** Who counts: the hub. */
export type AskSamples = (after?: number) => Promise<{ readonly samples: readonly Sample[] }>;

const EVERY_MS = 5_000;
const KEPT_MS = 300_000;

/** Readings a second that the hub takes, whether a viewer sees each of them or not, and what they were for five minutes. */
export class Arrivals {
  readonly #ask: AskSamples;
  readonly #samples = signal<readonly Sample[]>([]);
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  constructor(ask: AskSamples) {
    this.#ask = ask;
  }

  /** Oldest first; none until the hub has answered. */
  get samples(): ReadonlySignal<readonly Sample[]> {
    return this.#samples;
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#follow);
    this.#follow();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#follow);
    clearInterval(this.#timer);
  }

  readonly #follow = (): void => {
    clearInterval(this.#timer);
    if (document.hidden) return;
    void this.ask();
    this.#timer = setInterval(() => void this.ask(), EVERY_MS);
  };

  /** Asks for what is new, if no question is on its way. While the hub is away it stays what it was. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const known = this.#samples.peek();
      const { samples } = await this.#ask(known.at(-1)?.at);
      if (samples.length > 0) this.#samples.value = recent([...known, ...samples]);
    } catch {
      // The link's own strip says that the hub is away.
    } finally {
      this.#isAsking = false;
    }
  }
}

function recent(samples: readonly Sample[]): readonly Sample[] {
  const last = samples.at(-1)?.at ?? 0;
  return samples.filter(({ at }) => at > last - KEPT_MS);
}
