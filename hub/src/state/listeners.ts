/** Those who want to be told of something. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** @returns the way to stop */
  add(listener: (event: Event) => void): () => void {
    // Wrapped, so that adding the same function twice is two listeners, each with its own way to stop.
    const own = (event: Event): void => listener(event);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  tell(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
