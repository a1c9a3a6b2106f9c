import { LIMITS } from '../limits.js';
import type { Result } from '../messages/device.js';

/**
 * The last 16 commands with their answers (protocol §1.2 "Commands"), so that none is executed twice and a
 * repeated one gets the answer that was lost.
 */
export class CommandMemory {
  readonly #answers = new Map<string, Result | null>();

  has(id: string): boolean {
    return this.#answers.has(id);
  }

  /** The last answer given to a command; null while there is none. */
  answer(id: string): Result | null {
    return this.#answers.get(id) ?? null;
  }

  /** A new command is about to be executed. The oldest is forgotten. */
  begin(id: string): void {
    this.#answers.set(id, null);
    if (this.#answers.size <= LIMITS.rememberedCommands) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  /** Keeps an answer, unless the command has been forgotten already. */
  keep(result: Result): void {
    if (this.#answers.has(result.id)) this.#answers.set(result.id, result);
  }
}
