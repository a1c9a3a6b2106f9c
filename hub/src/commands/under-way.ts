import type { Verification } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import type { CommandStore } from '../state/commands.js';
import { type Command, canBecome, dueAt, hasEnded, isInFlight, longestWait } from './command.js';
import { type Desk, Desks } from './desk.js';
import { DueTimers } from './due-timers.js';
import { type Actor, type CommandChange, type CommandEdit, HUB, type Ledger } from './ledger.js';
import { OwedChanges } from './owed-changes.js';
import { Verifier } from './verifier.js';
import { Waiters } from './waiters.js';

/** Commands that are taken back in one transaction. */
const CANCEL_AT_ONCE = 200;

export interface UnderWayOptions {
  readonly ledger: Ledger;
  readonly store: CommandStore;
  readonly devices: { get(id: string): Device | undefined };
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>;
  readonly now: () => number;
  /** A command of these devices has ended: they can take the next. */
  readonly onFree: (devices: Iterable<string>) => void;
}

/**
 * The commands that have not ended, and those whose effect is still watched: what they are in memory follows what is
 * durable, never the other way round. Here is what time does to them; what operators and devices do is in
 * commands.ts, and how they reach their devices in delivery.ts.
 */
export class UnderWay {
  readonly desks = new Desks();
  readonly waiters = new Waiters();
  readonly owed: OwedChanges;
  readonly #options: UnderWayOptions;
  readonly #verifier: Verifier;
  readonly #timers: DueTimers;
  /** Those that have not ended. */
  readonly #alive = new Map<string, Command>();
  #isStopping = false;

  constructor(options: UnderWayOptions) {
    const { now, log } = options;
    this.#options = options;
    this.owed = new OwedChanges(log);
    this.#timers = new DueTimers({ now, onDue: (ids) => this.#fallenDue(ids) });
    this.#verifier = new Verifier({
      now,
      onVerdict: (judged, verdict) => this.#judged(judged, verdict),
    });
  }

  /** Takes up what was under way when the hub stopped. */
  open(): void {
    const { store } = this.#options;
    const taken = store.alive();
    for (const command of taken) {
      if (!hasEnded(command)) this.take(command);
      else this.#watch(command);
    }
    for (const command of taken) this.#recall(command);
  }

  /** See {@link Verifier.observe}. */
  readonly observe: Verifier['observe'] = (readings) => this.#verifier.observe(readings);

  find(id: string): Command | undefined {
    return this.#alive.get(id) ?? this.#options.store.get(id);
  }

  /** Those of them that have not ended. */
  alive(ids: readonly string[]): Command[] {
    return ids.flatMap((id) => this.#alive.get(id) ?? []);
  }

  /** Puts a command, as it is in the file now, where it belongs by its state, and sets when it falls due. */
  take(command: Command): void {
    const { id, device, verification } = command;
    if (hasEnded(command)) this.#alive.delete(id);
    else this.#alive.set(id, command);
    const isSent = isInFlight(command) && !this.desks.look(device).inFlight.has(id);
    this.desks.place(command);
    if (isSent && verification === 'pending') this.#watch(command);
    const due = dueAt(command);
    if (due === null || this.#isStopping) this.#timers.clear(id);
    else this.#timers.set(id, due, longestWait(command));
  }

  /**
   * Changes commands in one transaction, and what follows from it for their devices. What one cannot become, it does
   * not become. @returns those that were changed
   */
  change(edits: readonly CommandEdit[], actor: Actor = HUB): Command[] {
    const possible = edits.filter(([{ state }, changes]) => {
      return changes.state === undefined || canBecome(state, changes.state);
    });
    if (possible.length === 0) return [];
    const changed = this.#options.ledger.change(possible, actor);
    const free = new Set<string>();
    for (const command of changed) {
      this.take(command);
      this.#verifier.changed(command);
      if (!hasEnded(command)) continue;
      this.waiters.ended(command);
      free.add(command.device);
    }
    this.#options.ledger.tell(changed);
    for (const command of changed) this.#watchAgain(command);
    queueMicrotask(() => this.#options.onFree(free));
    return changed;
  }

  /** Makes a change of one command that the hub owes, from what the command is by then. @returns whether it is made */
  owe(key: string, id: string, changesOf: (current: Command) => CommandChange | null, actor = HUB): boolean {
    return this.owed.make(key, () => {
      const current = this.find(id);
      const changes = current === undefined ? null : changesOf(current);
      if (current !== undefined && changes !== null) this.change([[current, changes]], actor);
    });
  }

  /** Nobody will know, at least not soon, what became of a command that was sent. */
  timeOut({ id }: Command, code: string, message: string): void {
    this.owe(`outcome ${id}`, id, () => ({ state: 'timed_out', error: { code, message } }));
  }

  /** Takes back those that wait for a device and are meant. */
  cancelWaiting({ waiting }: Desk, error: Command['error'], which: (command: Command) => boolean): void {
    const ids = waiting.filter(which).map(({ id }) => id);
    this.cancelAll(ids, error, HUB);
  }

  /** Takes back those of many commands that were not sent: some at a time, so that others have their turn. */
  cancelAll(ids: readonly string[], error: Command['error'], actor: Actor): void {
    const some = ids.slice(0, CANCEL_AT_ONCE);
    if (some.length === 0) return;
    const cancelled = { state: 'cancelled', error } as const;
    this.owed.make(`cancel ${some[0]}`, () => {
      this.change(
        this.alive(some).map((command) => [command, cancelled] as const),
        actor,
      );
    });
    if (ids.length === some.length) return;
    setImmediate(() => {
      if (!this.#isStopping) this.cancelAll(ids.slice(CANCEL_AT_ONCE), error, actor);
    });
  }

  /** Nothing falls due any more, and nobody waits any longer. */
  stop(): void {
    this.#isStopping = true;
    this.waiters.release();
  }

  close(): void {
    this.#timers.close();
    this.owed.close();
    this.#verifier.close();
  }

  #watch(command: Command): void {
    const { id, device, name, params } = command;
    const expect = this.#options.devices.get(device)?.profile?.commands.get(name)?.expect ?? null;
    const expected = Verifier.expected(expect, params);
    if (expect !== null && expected !== null) this.#verifier.watch(command, expect, expected);
    // Its profile has changed since: nothing tells any more what to look for.
    else this.owe(`verdict ${id}`, id, () => ({ verification: 'unverified' }));
  }

  /** Watches one whose answer came late, after a verdict that it does away with; what came meanwhile counts. */
  #watchAgain(command: Command): void {
    if (!hasEnded(command) || command.verification !== 'pending' || this.#verifier.watches(command)) return;
    this.#watch(command);
    this.#recall(command);
  }

  #recall(command: Command): void {
    const device = this.#options.devices.get(command.device);
    if (device !== undefined) this.#verifier.recall(command, device);
  }

  #judged({ id, finishedAt }: Command, verification: Exclude<Verification, 'pending'>): void {
    this.owe(`verdict ${id}`, id, (current) => {
      // An answer that came before this could be written has opened the watch again.
      const isPast = verification !== 'verified' && current.finishedAt !== finishedAt;
      return current.verification !== 'pending' || isPast ? null : { verification };
    });
  }

  #fallenDue(ids: readonly string[]): void {
    const late = this.alive(ids);
    this.owed.make(`due ${ids[0]}`, () => {
      // An answer that came in time, and could not be written yet, is none that did not come.
      const still = late.filter(
        (one) => this.#alive.get(one.id) === one && !this.owed.has(`answer ${one.id}`),
      );
      this.change(still.map((one) => [one, overdue(one)] as const));
    });
  }
}

/** What becomes of a command whose time has passed. */
function overdue({ state }: Command): CommandChange {
  if (state === 'queued') return { state: 'expired' };
  const error = { code: 'no_answer', message: 'no answer came in time: the outcome is unknown' };
  return { state: 'timed_out', error };
}
