import { type ReadonlySignal, signal } from '@preact/signals';

/** Which devices are chosen, by id. A filter hides them and does not take them away. */
export class Selection {
  readonly #ids = signal<ReadonlySet<string>>(new Set());
  /** Where a range begins: the device that was chosen last by itself. */
  #anchor: string | null = null;

  get ids(): ReadonlySignal<ReadonlySet<string>> {
    return this.#ids;
  }

  toggle(id: string): void {
    const ids = new Set(this.#ids.peek());
    if (!ids.delete(id)) ids.add(id);
    this.#anchor = id;
    this.#ids.value = ids;
  }

  /** Takes all from the last one up to this, in the order of the list; without a last one, this alone. */
  extend(id: string, order: readonly string[]): void {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.toggle(id);
      return;
    }
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#ids.value = new Set([...this.#ids.peek(), ...range]);
  }

  /** Takes all of these; where all are taken already, none of them. */
  toggleAll(order: readonly string[]): void {
    const before = this.#ids.peek();
    const all = order.every((id) => before.has(id));
    const shown = new Set(order);
    this.#ids.value = all
      ? new Set([...before].filter((id) => !shown.has(id)))
      : new Set([...before, ...order]);
  }

  clear(): void {
    this.#anchor = null;
    if (this.#ids.peek().size > 0) this.#ids.value = new Set();
  }
}
