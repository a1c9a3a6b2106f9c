/** Answers to commands of other devices that are told apart, so that none of them fills the audit. */
const MAX_KEPT = 1_000;

/** Answers that devices gave to commands of others: each is noted once. */
export class ForeignAnswers {
  readonly #noted = new Set<string>();

  /** @returns whether this is the first of this device to this command, as far as it is remembered */
  isNew(device: string, command: string): boolean {
    const key = `${device} ${command}`;
    if (this.#noted.has(key)) return false;
    if (this.#noted.size >= MAX_KEPT) this.#noted.clear();
    this.#noted.add(key);
    return true;
  }
}
