import { type Audit, auditName } from '../state/audit.js';
import type { CommandStore } from '../state/commands.js';
import type { IdempotencyKeys } from '../state/idempotency-keys.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { type Command, canBecome, hasEnded } from './command.js';

/** Who makes a change, for the audit. */
export interface Actor {
  /** Name of a user or a token; `device:<id>`; `hub` for what happens by itself. */
  readonly name: string;
  /** What the name is the name of, where it could be either. */
  readonly kind?: 'user' | 'token';
  readonly address?: string | undefined;
}

/** What may change of a command. */
export type CommandChange = Partial<
  Pick<
    Command,
    'state' | 'sentAt' | 'acceptedAt' | 'finishedAt' | 'boot' | 'result' | 'error' | 'verification'
  >
>;

/** A request that may come again. */
export interface Idempotency {
  /** The token and the route. */
  readonly scope: string;
  readonly key: string;
  readonly bodyHash: string;
  /** It is known to be no repetition, whatever came with this key before. */
  readonly isFirst?: boolean;
}

export interface LedgerParts {
  readonly state: StateFile;
  readonly store: CommandStore;
  readonly keys: IdempotencyKeys;
  readonly audit: Audit;
  readonly now: () => number;
}

/** Commands, and what is told of each: changed and audited in one transaction, then told to those who listen. */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #changes = new Listeners<Command>();

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Calls `listener`, which must not throw, with every command that is new or has changed. Returns the way to stop. */
  onChange(listener: (command: Command) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Adds a command, and whatever `more` changes of it in the same transaction. */
  add(command: Command, actor: Actor, request: Idempotency | null, changes: CommandChange | null): Command {
    const { state, store, keys, now } = this.#parts;
    const changed = state.transaction(() => {
      store.insert(command);
      if (request !== null) keys.add(request.scope, request.key, request.bodyHash, command.id, now());
      this.#audit(command, actor, 'queued');
      return changes === null ? command : this.#write(command, changes, actor);
    });
    this.#changes.tell(changed);
    return changed;
  }

  /**
   * Changes a command.
   * @throws Error for a state that it cannot go to: a fault of the hub's; FieldlineError where it cannot be written
   */
  change(command: Command, changes: CommandChange, actor: Actor): Command {
    const changed = this.#parts.state.transaction(() => this.#write(command, changes, actor));
    this.#changes.tell(changed);
    return changed;
  }

  /** Notes what concerns a command and changes nothing of it, such as an answer from another device. */
  note(command: Command, actor: Actor, what: string, result: string): void {
    this.#audit(command, actor, what, result);
  }

  #write(command: Command, changes: CommandChange, actor: Actor): Command {
    const { state: next = command.state } = changes;
    const isMove = changes.state !== undefined;
    if (isMove && !canBecome(command.state, next)) {
      throw new Error(`command ${command.id} cannot go from ${command.state} to ${next}`);
    }
    const at = this.#parts.now();
    const changed: Command = { ...command, ...changes };
    // A late answer corrects the outcome, not when the hub stopped waiting for it.
    const finished = isMove && hasEnded(changed) ? { ...changed, finishedAt: at } : changed;
    this.#parts.store.update(finished);
    this.#audit(finished, actor, isMove ? next : (finished.verification ?? 'changed'));
    return finished;
  }

  #audit(
    { id, device, name, params, error }: Command,
    actor: Actor,
    what: string,
    result?: string,
  ) {
    this.#parts.audit.add({
      at: this.#parts.now(),
      actor: auditName(actor),
      address: actor.address,
      action: `command.${what}`,
      subject: `device:${device}`,
      result: result ?? error?.code ?? 'ok',
      details: { id, name, ...(what === 'queued' ? { params } : {}) },
    });
  }
}
