import { deadline } from './deadline.js';

/** How far a reader of numbered devices has come: the newest number that it has seen of each. */
export class Progress {
  readonly #reader: string;
  readonly #newest = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** @param reader its name, for messages of failures */
  constructor(reader: string) {
    this.#reader = reader;
  }

  /** The newest number of a device, 0 for none. */
  at(device: string): number {
    return this.#newest.get(device) ?? 0;
  }

  see(device: string, n: number): void {
    if (n <= this.at(device)) return;
    this.#newest.set(device, n);
    for (const look of this.#waiting) look();
  }

  /** Resolves when every device's number, or a later one, has been seen. */
  async reached(goals: ReadonlyMap<string, number>, timeoutMs?: number): Promise<void> {
    const missing = () => [...goals].filter(([device, n]) => this.at(device) < n);
    if (missing().length === 0) return;
    let look = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      look = () => {
        if (missing().length === 0) resolve();
      };
      this.#waiting.add(look);
    });
    const late = () =>
      `${this.#reader} to see ${missing().map(([device, n]) => `${n} of ${device} (now ${this.at(device)})`)}`;
    try {
      await deadline(done, late, timeoutMs);
    } finally {
      this.#waiting.delete(look);
    }
  }
}
