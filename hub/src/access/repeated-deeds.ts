import { FieldlineError } from '../errors.js';
import type { Audit, Deed } from '../state/audit.js';
import { everyTick } from './ticker.js';

export interface RepeatedDeedsOptions {
  readonly audit: Pick<Audit, 'add'>;
  readonly now?: () => number;
}

/** Repetitions within this are one entry. */
const WINDOW_MS = 10 * 60_000;
/** Kinds of one action that are told apart; what comes beyond is counted together. */
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
  /** By action and kind, in the order in which they end. */
  readonly #windows = new Map<string, Window>();
  /** How many there are of each action: a flood of one must not hide another. */
  readonly #kinds = new Map<string, number>();
  #stop: () => void = () => {};

  constructor({ audit, now = Date.now }: RepeatedDeedsOptions) {
    this.#audit = audit;
    this.#now = now;
  }

  /** Runs until {@link close}. */
  open(): void {
    this.#stop = everyTick(() => this.tick());
  }

  /**
   * Notes a deed. It never throws: what is noted here has been refused already, or cannot be undone.
   * @returns whether it was written, as the first of its kind
   */
  note(kind: string, told: Omit<Deed, 'at'>): boolean {
    const at = this.#now();
    const { action } = told;
    const known = `${action} ${kind}`;
    const isFull = !this.#windows.has(known) && (this.#kinds.get(action) ?? 0) >= MAX_KINDS;
    const key = isFull ? `${action} ${OTHERS}` : known;
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.repeats++;
      return false;
    }
    const deed: Deed = isFull
      ? { at, actor: OTHERS, action, subject: OTHERS, result: OTHERS }
      : { ...told, at };
    this.#windows.set(key, { deed, endsAt: at + WINDOW_MS, repeats: 0 });
    this.#kinds.set(action, (this.#kinds.get(action) ?? 0) + 1);
    this.#write(deed);
    return true;
  }

  /** Writes what has ended. Called by itself twice a second. */
  tick(force = false): void {
    const now = this.#now();
    for (const [key, { deed, endsAt, repeats }] of this.#windows) {
      if (!force && endsAt > now) return;
      this.#windows.delete(key);
      this.#forget(deed.action);
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

  #forget(action: string): void {
    const left = (this.#kinds.get(action) ?? 1) - 1;
    if (left > 0) this.#kinds.set(action, left);
    else this.#kinds.delete(action);
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
