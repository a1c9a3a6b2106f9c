import type { Command } from './command.js';

type Finish = (command: Command | null) => void;

/** Those who wait for the end of commands. However many there are, a change asks only those of its own command. */
export class Waiters {
  readonly #byCommand = new Map<string, Set<Finish>>();

  /** Resolves with the command when {@link ended} tells of it; with null after `waitMs`, or at {@link release}. */
  wait(id: string, waitMs: number): Promise<Command | null> {
    return new Promise((resolve) => {
      const finish: Finish = (command) => {
        clearTimeout(timer);
        waiting.delete(finish);
        if (waiting.size === 0) this.#byCommand.delete(id);
        resolve(command);
      };
      const timer = setTimeout(() => finish(null), waitMs);
      const waiting = this.#byCommand.get(id) ?? new Set();
      waiting.add(finish);
      this.#byCommand.set(id, waiting);
    });
  }

  ended(command: Command): void {
    for (const finish of [...(this.#byCommand.get(command.id) ?? [])]) finish(command);
  }

  /** Lets everybody go: the hub stops, and nothing more will be told. */
  release(): void {
    for (const waiting of [...this.#byCommand.values()]) for (const finish of [...waiting]) finish(null);
  }
}
