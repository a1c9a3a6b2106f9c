import { FieldlineError } from '../errors.js';
import type { Audit, Deed } from '../state/audit.js';
import { everyTick } from './ticker.js';

export interface RepeatedDeedsOptions {
  readonly audit: Pick<Audit, 'add'>;
  readonly now?: () => number;
}

/** Repetitions within this are one entry. */
const WINDOW_MS = 10 * 60_000;
/** Kinds that are told apart; what comes beyond is counted together. */
const MAX_KINDS = 100;
const OTHERS = 'others';

interface Window {
  readonly deed: Deed;
  readonly endsAt: number;
  repeats: number;
}

/**
 * Audits what anybody can make happen as often as they like, without letting them fill the audit: the first of
 * a kind is written at once, those of the next ten minutes as one entry with their number.
 */
export class RepeatedDeeds {
  /** Entries that could not be written. */
  failures = 0;
  readonly #audit: Pick<Audit, 'add'>;
  readonly #now: () => number;
  /** By kind, in the order in which they end. */
  readonly #windows = new Map<string, Window>();
  #stop: () => void = () => {};

  constructor({ audit, now = Date.now }: RepeatedDeedsOptions) {
    this.#audit = audit;
    this.#now = now;
  }

  /** Runs until {@link close}. */
  open(): void {
    this.#stop = everyTick(() => this.tick());
  }

  /** Notes a deed. It never throws: what is noted here has been refused already, or cannot be undone. */
  note(kind: string, told: Omit<Deed, 'at'>): void {
    const at = this.#now();
    const isFull = !this.#windows.has(kind) && this.#windows.size >= MAX_KINDS;
    const key = isFull ? OTHERS : kind;
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.repeats++;
      return;
    }
    const { address: _, ...general } = { ...told, subject: OTHERS, at };
    const deed: Deed = isFull ? general : { ...told, at };
    this.#windows.set(key, { deed, endsAt: at + WINDOW_MS, repeats: 0 });
    this.#write(deed);
  }

  /** Writes what has ended. Called by itself twice a second. */
  tick(force = false): void {
    const now = this.#now();
    for (const [key, { deed, endsAt, repeats }] of this.#windows) {
      if (!force && endsAt > now) return;
      this.#windows.delete(key);
      if (repeats === 0) continue;
      const details = { ...(deed.details as object | undefined), repeats, since: deed.at };
      this.#write({ ...deed, at: now, details });
    }
  }

  /** Writes what waits. To be called before the state file is closed. */
  close(): void {
    this.#stop();
    this.tick(true);
  }

  #write(deed: Deed): void {
    try {
      this.#audit.add(deed);
    } catch (error) {
      if (!(error instanceof FieldlineError)) throw error;
      this.failures++;
    }
  }
}
