import type { SystemSample, SystemView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { Question } from '../live/question.js';

/** The hub keeps a quarter of an hour; so does the page. */
export const KEPT_MS = 15 * 60_000;
const EVERY_MS = 5_000;

/** What the hub tells of itself: as it is, and the samples of the last minutes, oldest first. */
export interface SystemNews {
  readonly view: Omit<SystemView, 'samples'>;
  readonly samples: readonly SystemSample[];
}

/** Asks the hub every five seconds how it is, while the page can be seen; of its samples only those that are new. */
export class SystemWatch {
  readonly news = signal<SystemNews | null>(null);
  readonly #question: Question;

  constructor(ask: (after?: number) => Promise<SystemView>) {
    this.#question = new Question(EVERY_MS, async () => {
      const before = this.news.peek();
      const { samples, ...view } = await ask(before?.samples.at(-1)?.at);
      this.news.value = joined(before, view, samples);
    });
  }

  open(): void {
    this.#question.open();
  }

  close(): void {
    this.#question.close();
  }

  /** Asks once. */
  ask(): Promise<void> {
    return this.#question.ask();
  }
}

/** An answer joined with what was known. A hub that started again begins anew, and what it was before stays. */
export function joined(
  before: SystemNews | null,
  view: SystemNews['view'],
  samples: readonly SystemSample[],
): SystemNews {
  const from = view.at - KEPT_MS;
  const last = before?.samples.at(-1)?.at ?? 0;
  const fresh = samples.filter(({ at }) => at > last);
  return { view, samples: [...(before?.samples ?? []), ...fresh].filter(({ at }) => at > from) };
}
