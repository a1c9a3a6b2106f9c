import { type Command, type CommandAnswer, LIMITS } from '@fieldline/protocol';

type Execute = (command: Command, accept: () => void) => Promise<CommandAnswer>;

interface Known {
  readonly answer: Promise<CommandAnswer>;
  readonly progress: Progress;
}

interface Progress {
  isAccepted: boolean;
  /** Tells the hub, over the connection that asked last. */
  accept(): void;
}

/**
 * The last commands with what became of them, over as many connections to the hub as it takes: one that is repeated
 * over another connection waits for the same answer, and goes to the board once.
 */
export class KnownCommands {
  readonly #execute: Execute;
  readonly #known = new Map<string, Known>();

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  /** Does not settle while the answer is not known. */
  run(command: Command, accept: () => void): Promise<CommandAnswer> {
    const before = this.#known.get(command.id);
    if (before !== undefined) {
      before.progress.accept = accept;
      if (before.progress.isAccepted) accept();
      return before.answer;
    }
    const progress: Progress = { isAccepted: false, accept };
    const answer = this.#execute(command, () => {
      progress.isAccepted = true;
      progress.accept();
    });
    this.#known.set(command.id, { answer, progress });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= LIMITS.rememberedCommands) break;
      this.#known.delete(oldest);
    }
    return answer;
  }
}
