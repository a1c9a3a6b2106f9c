import type { CommandState } from '@fieldline/protocol';
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
  /** Id of that user or token. */
  readonly id?: string;
  readonly address?: string | undefined;
}

/** By whose word it is that somebody gives a command; null where that is not known. */
export function giverOf({ kind, id }: Actor): string | null {
  return kind === undefined || id === undefined ? null : `${kind}:${id}`;
}

/** What happens by itself. */
export const HUB: Actor = { name: 'hub' };

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

/** Something larger that a command is a part of. */
export interface Whole {
  /** For the audit. */
  readonly job: string;
  /** Notes that the command was made; runs in the transaction that makes it. */
  taken(command: Command): void;
}

/** One command, and what is to change of it. */
export type CommandEdit = readonly [command: Command, changes: CommandChange];

/** What belongs to a new command. */
export interface AddOptions {
  readonly request?: Idempotency | null;
  readonly whole?: Whole | null;
  /** What changes of it at once, such as that it is sent. */
  readonly changes?: CommandChange | null;
}

export interface LedgerParts {
  readonly state: StateFile;
  readonly store: CommandStore;
  readonly keys: IdempotencyKeys;
  readonly audit: Audit;
  readonly now: () => number;
}

/** Commands, and what is told of each: changed and audited in one transaction, then {@link tell told} to those who listen. */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #changes = new Listeners<Command>();
  /** How often a command came into each state since the hub started. */
  readonly counts: Record<CommandState, number> = {
    ...{ queued: 0, sent: 0, accepted: 0, succeeded: 0, failed: 0, rejected: 0 },
    ...{ expired: 0, timed_out: 0, cancelled: 0 },
  };

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Calls `listener`, which must not throw, with every command that is new or has changed. Returns the way to stop. */
  onChange(listener: (command: Command) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Adds a command, and whatever `changes` say of it in the same transaction. */
  add(
    command: Command,
    actor: Actor,
    { request = null, whole = null, changes = null }: AddOptions = {},
  ): Command {
    const { state, store, keys, now } = this.#parts;
    const changed = state.transaction(() => {
      store.insert(command);
      if (request !== null) keys.add(request.scope, request.key, request.bodyHash, command.id, now());
      whole?.taken(command);
      const { params } = command;
      this.#audit(command, actor, 'queued', { params, ...(whole === null ? {} : { job: whole.job }) });
      return changes === null ? command : this.#write(command, changes, actor);
    });
    this.counts.queued++;
    this.#count(command, changed);
    return changed;
  }

  /**
   * Changes commands, all in one transaction.
   * @throws Error for a state that one cannot go to: a fault of the hub's; FieldlineError where it cannot be written
   */
  change(edits: readonly CommandEdit[], actor: Actor): Command[] {
    const changed = this.#parts.state.transaction(() =>
      edits.map(([command, changes]) => this.#write(command, changes, actor)),
    );
    for (const [at, command] of changed.entries()) this.#count(edits[at]?.[0] ?? command, command);
    return changed;
  }

  /** Notes what concerns a command and changes nothing of it, such as an answer from another device. */
  note(command: Command, actor: Actor, what: string, result: string): void {
    this.#audit(command, actor, what, {}, result);
  }

  /**
   * Tells those who listen of commands that are new or have changed. To be called once whoever changed them has taken
   * that in himself: a listener may change others at once.
   */
  tell(commands: readonly Command[]): void {
    for (const command of commands) this.#changes.tell(command);
  }

  #count(before: Command, { state }: Command): void {
    if (state !== before.state) this.counts[state]++;
  }

  #write(command: Command, changes: CommandChange, actor: Actor): Command {
    const { state: next = command.state } = changes;
    const isMove = changes.state !== undefined;
    if (isMove && !canBecome(command.state, next)) {
      throw new Error(`command ${command.id} cannot go from ${command.state} to ${next}`);
    }
    const at = this.#parts.now();
    const isVerdict = (changes.verification ?? 'pending') !== 'pending';
    const verifiedAt = changes.verification === undefined ? command.verifiedAt : isVerdict ? at : null;
    const changed: Command = { ...command, ...changes, verifiedAt };
    // Of a late answer it is when that came.
    const finished = isMove && hasEnded(changed) ? { ...changed, finishedAt: at } : changed;
    this.#parts.store.update(finished);
    this.#audit(finished, actor, isMove ? next : (finished.verification ?? 'changed'));
    return finished;
  }

  #audit(
    { id, device, name, error }: Command,
    actor: Actor,
    what: string,
    more: object = {},
    result = error?.code ?? 'ok',
  ): void {
    this.#parts.audit.add({
      at: this.#parts.now(),
      actor: auditName(actor),
      address: actor.address,
      action: `command.${what}`,
      subject: `device:${device}`,
      result,
      details: { id, name, ...more },
    });
  }
}
