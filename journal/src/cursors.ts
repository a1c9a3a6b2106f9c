import { JournalError } from './errors.js';
import type { CursorCap } from './types.js';

interface Reader {
  /** The last offset it confirmed. */
  offset: number;
  cap: CursorCap | undefined;
  skipped: number;
}

/** Where the readers stand. Readers that were known at the last run count until `retain` forgets them. */
export class Cursors {
  readonly #readers = new Map<string, Reader>();
  /** Something changed that is not on its way to disk. */
  dirty = false;

  /** Takes what was on disk. */
  load(offsets: Readonly<Record<string, number>>): void {
    this.#readers.clear();
    for (const [name, offset] of Object.entries(offsets)) {
      this.#readers.set(name, { offset, cap: undefined, skipped: 0 });
    }
  }

  attach(name: string, cap: CursorCap | undefined, head: number): number {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = { offset: head, cap, skipped: 0 };
      this.#readers.set(name, reader);
      this.dirty = true;
    }
    reader.cap = cap;
    reader.offset = Math.min(reader.offset, head);
    return reader.offset;
  }

  retain(names: readonly string[]): void {
    for (const name of this.#readers.keys()) {
      if (names.includes(name)) continue;
      this.#readers.delete(name);
      this.dirty = true;
    }
  }

  /** @throws JournalError `unknown_reader` */
  offset(name: string): number {
    return this.#reader(name).offset;
  }

  /** Never moves backwards, nor beyond the head. @throws JournalError `unknown_reader` */
  commit(name: string, offset: number, head: number): void {
    const reader = this.#reader(name);
    const confirmed = Math.min(offset, head);
    if (!(confirmed > reader.offset)) return;
    reader.offset = confirmed;
    this.dirty = true;
  }

  /** Moves a reader over what it will not get, and counts that. */
  skip(name: string, offset: number): void {
    const reader = this.#reader(name);
    reader.skipped += offset - reader.offset;
    reader.offset = offset;
    this.dirty = true;
  }

  /** The smallest cursor of those that may hold the log back for ever; Infinity when there is none. */
  leastUncapped(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { cap, offset } of this.#readers.values()) {
      if (cap === undefined) least = Math.min(least, offset);
    }
    return least;
  }

  /** The smallest cursor of all; Infinity when there is none. */
  least(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { offset } of this.#readers.values()) least = Math.min(least, offset);
    return least;
  }

  *capped(): Iterable<{ name: string; offset: number; cap: CursorCap }> {
    for (const [name, { offset, cap }] of this.#readers) if (cap !== undefined) yield { name, offset, cap };
  }

  /** Cursors by reader, as they go to disk. */
  offsets(): Record<string, number> {
    return Object.fromEntries(Array.from(this.#readers, ([name, reader]) => [name, reader.offset]));
  }

  /** Skipped readings by reader. */
  skipped(): Record<string, number> {
    return Object.fromEntries(Array.from(this.#readers, ([name, reader]) => [name, reader.skipped]));
  }

  #reader(name: string): Reader {
    const reader = this.#readers.get(name);
    if (reader === undefined) throw new JournalError('unknown_reader', `no reader "${name}" is attached`);
    return reader;
  }
}
