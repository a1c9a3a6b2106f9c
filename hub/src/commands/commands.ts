import { isCommandId, type Profile } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { CommandStore } from '../state/commands.js';
import type { IdempotencyKeys } from '../state/idempotency-keys.js';
import { type Answer, answered, isRepeated } from './answer.js';
import { type Command, canBecome, dueAt, hasEnded, isInFlight, longestWait } from './command.js';
import { CommandIds } from './command-ids.js';
import { canSend, type Desk, Desks, requireRoom } from './desk.js';
import { DueTimers } from './due-timers.js';
import { commandFrame, longestFrameBytes } from './frame.js';
import type { Actor, CommandChange, CommandEdit, Idempotency, Ledger, Whole } from './ledger.js';
import type { CommandLink } from './link.js';
import { newCommand, type WantedCommand } from './new-command.js';
import { OwedChanges } from './owed-changes.js';
import { Verifier } from './verifier.js';
import { Waiters } from './waiters.js';

export type { WantedCommand };

export interface CommandsOptions {
  readonly ledger: Ledger;
  readonly store: CommandStore;
  readonly keys: IdempotencyKeys;
  readonly devices: { get(id: string): Device | undefined };
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
}

/** Answers to commands of other devices that are told apart, so that none of them fills the audit. */
const MAX_FOREIGN = 1_000;
/** An outcome that is unknown is asked for at reconnects so long. */
const ASKED_FOR_MS = 86_400_000;
const HUB: Actor = { name: 'hub' };
const OFFLINE = { code: 'device_offline', message: 'the device went offline before its turn' };

/**
 * Commands to devices (protocol §1.2 and §3 "Commands"): accepted, sent once, answered, and never believed to be more
 * than what is known. Every change is durable before anything follows from it: `sent` before the frame is written.
 */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #verifier: Verifier;
  readonly #owed: OwedChanges;
  readonly #timers: DueTimers;
  readonly #waiters = new Waiters();
  readonly #desks = new Desks();
  /** Those that have not ended. */
  readonly #alive = new Map<string, Command>();
  readonly #foreign = new Set<string>();
  readonly #ids = new CommandIds();
  #isStopping = false;

  constructor(options: CommandsOptions) {
    const { now, log } = options;
    this.#options = options;
    this.#owed = new OwedChanges(log);
    this.#timers = new DueTimers({ now, onDue: (ids) => this.#fallenDue(ids) });
    this.#verifier = new Verifier({
      now,
      onVerdict: ({ id }, verification) => this.#owe(`verdict ${id}`, id, () => ({ verification })),
    });
  }

  /** Takes up what was under way when the hub stopped. */
  open(): void {
    const { store } = this.#options;
    this.#ids.startAfter(store.newestId());
    for (const command of store.alive()) {
      if (hasEnded(command)) this.#watch(command);
      else this.#place(command);
      this.#schedule(command);
    }
    // A device was disconnected when the hub stopped.
    for (const desk of this.#desks.all()) this.#cancelWaiting(desk, OFFLINE, ({ queue }) => !queue);
  }

  /** Looks whether readings that have become durable show what commands promised. */
  readonly observe: Verifier['observe'] = (readings) => this.#verifier.observe(readings);

  /** Whether a device is there, and takes commands. */
  reaches(device: string): boolean {
    return this.#desks.get(device)?.link?.caps.has('command') === true;
  }

  /**
   * Gives a command. It is durable when this returns, and on its way if the device can take it now.
   * @throws FieldlineError 404 `unknown_device`; 409 `device_offline`, `busy`, `not_supported`, `command_forgotten`; 422 `unknown_command`,
   *   `bad_params`, `too_large`, `idempotency_conflict`; 503 where it cannot be made durable
   */
  give(
    id: string,
    wanted: WantedCommand,
    actor: Actor,
    request: Idempotency | null = null,
    whole: Whole | null = null,
  ): Command {
    if (this.#isStopping) {
      throw new FieldlineError('stopping', 'the hub is stopping', { status: 503, retryAfterMs: 5_000 });
    }
    const earlier = request === null || request.isFirst ? undefined : this.#earlier(request);
    if (earlier !== undefined) return earlier;
    const { devices, now } = this.#options;
    const device = devices.get(id);
    if (device === undefined)
      throw new FieldlineError('unknown_device', `no device is called ${id}`, { status: 404 });
    const command = newCommand(device, wanted, actor, this.#ids.next(now()), now());
    const desk = this.#desks.look(id);
    requireRoom(desk, command, device.isOnline);
    const isNext = canSend(desk) && desk.waiting.length === 0;
    const changes = isNext ? this.#sentChange(command, desk, device.profile) : null;
    const given = this.#options.ledger.add(command, actor, { request, whole, changes });
    this.#place(given);
    this.#schedule(given);
    if (isNext) this.#write(given, desk, false);
    else queueMicrotask(() => this.#sendNext(id));
    this.#options.ledger.tell([given]);
    return given;
  }

  /** @throws FieldlineError 404 */
  get(id: string): Command {
    const command = isCommandId(id) ? this.#find(id) : undefined;
    if (command === undefined) throw new FieldlineError('not_found', `no command ${id}`, { status: 404 });
    return command;
  }

  /**
   * Takes a command back that was not sent.
   * @throws FieldlineError 404; 409 `already_sent`
   */
  cancel(id: string, actor: Actor): Command {
    const command = this.get(id);
    if (command.state !== 'queued') {
      const text = `this command is ${command.state}: only one that is queued can be taken back`;
      throw new FieldlineError('already_sent', text, { status: 409 });
    }
    this.#change([[command, { state: 'cancelled' }]], actor);
    return this.get(id);
  }

  /** Takes back those of many commands that were not sent, in one transaction. */
  cancelAll(ids: readonly string[], error: Command['error'], actor: Actor): void {
    const alive = ids.flatMap((id) => this.#alive.get(id) ?? []);
    this.#change(
      alive.map((command) => [command, { state: 'cancelled', error }] as const),
      actor,
    );
  }

  /** Resolves with the command when it has ended, or after `waitMs` as it is then. */
  async ended(id: string, waitMs: number): Promise<Command> {
    const command = this.get(id);
    if (hasEnded(command) || waitMs <= 0 || this.#isStopping) return command;
    return (await this.#waiters.wait(id, waitMs)) ?? this.get(id);
  }

  /** A device said `hello`, and was welcomed: what it owes is asked for again, and what waits is sent. */
  welcomed(device: string, link: CommandLink): void {
    const desk = this.#desks.open(device);
    const isSameLink = desk.link === link;
    desk.link = link;
    for (const command of [...desk.inFlight.values()]) {
      if (command.boot !== link.boot) this.#timeOut(command, 'rebooted', 'the device has restarted since');
      else if (link.boot !== null) this.#askAgain(command, desk);
      // Without a boot nobody can tell whether it has restarted, unless the connection is the one that it was sent over.
      else if (!isSameLink) this.#timeOut(command, 'reconnected', 'the device may have restarted since');
    }
    this.#askForOutcomes(device, desk);
    this.#sendNext(device);
  }

  /**
   * A connection of a device is gone. What only waited for its turn is taken back.
   * @param isReplaced a newer connection of the device is there already: what waits goes over that one
   */
  gone(device: string, link: CommandLink, isReplaced = false): void {
    const desk = this.#desks.get(device);
    // A connection that ends before its `hello` may be the one that replaced the last link.
    if (desk === undefined || (desk.link !== null && desk.link !== link)) return;
    desk.link = null;
    if (!isReplaced) this.#cancelWaiting(desk, OFFLINE, ({ queue }) => !queue);
    this.#desks.forgetEmpty(device);
  }

  /** A device may not connect any more: nothing that waits for it will ever be sent. */
  barred(device: string, reason: 'disabled' | 'deleted' | 'revoked' = 'disabled'): void {
    const desk = this.#desks.get(device);
    if (desk === undefined) return;
    const message = `the device may not connect any more: ${BARRED[reason]}`;
    this.#cancelWaiting(desk, { code: 'device_barred', message }, () => true);
    if (reason !== 'deleted') return;
    for (const command of [...desk.inFlight.values()]) {
      this.#timeOut(command, 'device_deleted', 'the device was deleted: no answer will be taken');
    }
  }

  /**
   * A device answered. An answer to a command of another device is refused and noted.
   * @returns whether what follows from it is durable; what is not will be made so
   */
  answered(device: string, answer: Answer): boolean {
    const { ledger, log, now } = this.#options;
    const { id, status } = answer;
    const command = this.#find(id);
    if (command === undefined) {
      log.warn({ device, id }, 'an answer to a command that nobody gave');
      return true;
    }
    const actor = { name: `device:${device}` };
    if (command.device !== device) {
      if (this.#foreign.size >= MAX_FOREIGN) this.#foreign.clear();
      if (this.#foreign.has(`${device} ${id}`)) return true;
      this.#foreign.add(`${device} ${id}`);
      log.warn({ device, id, of: command.device }, "an answer to another device's command was refused");
      return this.#owed.make(`foreign ${device}`, () =>
        ledger.note(command, actor, 'foreign_answer', 'refused'),
      );
    }
    // The first end counts, also while it cannot be written.
    if (this.#owed.has(`answer ${id}`)) return false;
    const nowMs = now();
    if (isRepeated(command, answer, nowMs)) {
      this.#stillWorks(command, nowMs);
      return true;
    }
    const key = status === 'accepted' ? `accepted ${id}` : `answer ${id}`;
    return this.#owe(key, id, (current) => answered(current, answer, nowMs), actor);
  }

  /** The hub is about to stop: nothing more is given or sent, and nobody waits any longer. */
  stop(): void {
    this.#isStopping = true;
    this.#waiters.release();
  }

  close(): void {
    this.stop();
    this.#timers.close();
    this.#owed.close();
    this.#verifier.close();
  }

  /** Asks for what nobody knows yet: a device that has not restarted since has its answers in memory. */
  #askForOutcomes(device: string, desk: Desk): void {
    const { store, now } = this.#options;
    const boot = desk.link?.boot ?? null;
    if (boot === null) return;
    for (const command of store.unanswered(device, boot, now() - ASKED_FOR_MS)) this.#askAgain(command, desk);
  }

  #askAgain(command: Command, desk: Desk): void {
    if (desk.link?.caps.has('command')) this.#write(command, desk, true);
  }

  #find(id: string): Command | undefined {
    return this.#alive.get(id) ?? this.#options.store.get(id);
  }

  #earlier({ scope, key, bodyHash }: Idempotency): Command | undefined {
    const { keys, now } = this.#options;
    const found = keys.find(scope, key, now());
    if (found === undefined) return undefined;
    if (found.bodyHash !== bodyHash) {
      const text = 'this Idempotency-Key was used for another request';
      throw new FieldlineError('idempotency_conflict', text, { status: 422 });
    }
    const command = this.#find(found.command);
    if (command !== undefined) return command;
    const text = 'this request was taken before, and its command is not kept any more';
    throw new FieldlineError('command_forgotten', text, { status: 409 });
  }

  /** Sends what waits, oldest first, while the device can take it. */
  #sendNext(device: string): void {
    this.#owed.make(`send ${device}`, () => {
      for (;;) {
        const desk = this.#desks.get(device);
        const next = desk?.waiting[0];
        if (desk === undefined || next === undefined || this.#isStopping || !canSend(desk)) return;
        this.#send(next, desk);
      }
    });
  }

  #send(command: Command, desk: Desk): void {
    const { devices, now } = this.#options;
    if (now() >= command.createdAt + command.ttl) {
      this.#change([[command, { state: 'expired' }]]);
    } else if (longestFrameBytes(command, desk.link) > (desk.link?.rxMaxBytes ?? 0)) {
      const error = { code: 'too_large', message: 'longer than the device can take (rxMax in its hello)' };
      this.#change([[command, { state: 'cancelled', error }]]);
    } else {
      const profile = devices.get(command.device)?.profile;
      for (const sent of this.#change([[command, this.#sentChange(command, desk, profile)]])) {
        this.#write(sent, desk, false);
      }
    }
  }

  #sentChange(command: Command, { link }: Desk, profile: Profile | undefined): CommandChange {
    const expect = profile?.commands.get(command.name)?.expect ?? null;
    const expected = Verifier.expected(expect, command.params);
    return {
      state: 'sent',
      sentAt: this.#options.now(),
      boot: link?.boot ?? null,
      verification: expected === null ? null : 'pending',
    };
  }

  #write(command: Command, { link }: Desk, again: boolean): void {
    const nowMs = this.#options.now();
    // Repeated it is never executed, and so never too late.
    const ttlMs = again ? undefined : command.createdAt + command.ttl - nowMs;
    link?.sendFrame(commandFrame(command, nowMs, again), ttlMs);
  }

  /** Makes a change of one command that the hub owes, from what the command is by then. */
  #owe(key: string, id: string, changesOf: (current: Command) => CommandChange | null, actor = HUB): boolean {
    return this.#owed.make(key, () => {
      const current = this.#find(id);
      const changes = current === undefined ? null : changesOf(current);
      if (current !== undefined && changes !== null) this.#change([[current, changes]], actor);
    });
  }

  /**
   * Changes commands in one transaction, and what follows from it for their devices. What one cannot become, it does
   * not become. @returns those that were changed
   */
  #change(edits: readonly CommandEdit[], actor: Actor = HUB): Command[] {
    const possible = edits.filter(([{ state }, changes]) => {
      return changes.state === undefined || canBecome(state, changes.state);
    });
    if (possible.length === 0) return [];
    const changed = this.#options.ledger.change(possible, actor);
    const free = new Set<string>();
    for (const command of changed) {
      this.#place(command);
      this.#schedule(command);
      this.#verifier.changed(command);
      if (!hasEnded(command)) continue;
      this.#waiters.ended(command);
      free.add(command.device);
    }
    this.#options.ledger.tell(changed);
    queueMicrotask(() => {
      for (const device of free) this.#sendNext(device);
    });
    return changed;
  }

  /** Puts a command where it belongs by its state. */
  #place(command: Command): void {
    const { id, device, verification } = command;
    if (hasEnded(command)) this.#alive.delete(id);
    else this.#alive.set(id, command);
    const isSent = isInFlight(command) && !this.#desks.look(device).inFlight.has(id);
    this.#desks.place(command);
    if (isSent && verification === 'pending') this.#watch(command);
  }

  #watch(command: Command): void {
    const { id, device, name, params } = command;
    const expect = this.#options.devices.get(device)?.profile?.commands.get(name)?.expect ?? null;
    const expected = Verifier.expected(expect, params);
    if (expect !== null && expected !== null) this.#verifier.watch(command, expect, expected);
    // Its profile has changed since: nothing tells any more what to look for.
    else this.#owe(`verdict ${id}`, id, () => ({ verification: 'unverified' }));
  }

  /** A device said again that it works on a command: the time for its answer begins anew. */
  #stillWorks(command: Command, acceptedAt: number): void {
    const current = { ...command, acceptedAt };
    this.#place(current);
    this.#schedule(current);
  }

  #schedule(command: Command): void {
    const due = dueAt(command);
    if (due === null || this.#isStopping) this.#timers.clear(command.id);
    else this.#timers.set(command.id, due, longestWait(command));
  }

  #fallenDue(ids: readonly string[]): void {
    const late = ids.flatMap((id) => this.#alive.get(id) ?? []);
    this.#owed.make(`due ${ids[0]}`, () => {
      // An answer that came in time, and could not be written yet, is none that did not come.
      const still = late.filter(
        (one) => this.#alive.get(one.id) === one && !this.#owed.has(`answer ${one.id}`),
      );
      this.#change(still.map((one) => [one, overdue(one)] as const));
    });
  }

  #timeOut({ id }: Command, code: string, message: string): void {
    this.#owe(`outcome ${id}`, id, () => ({ state: 'timed_out', error: { code, message } }));
  }

  #cancelWaiting({ waiting }: Desk, error: Command['error'], which: (command: Command) => boolean): void {
    const ids = waiting.filter(which).map(({ id }) => id);
    if (ids.length > 0) this.#owed.make(`cancel ${ids[0]}`, () => this.cancelAll(ids, error, HUB));
  }
}

const BARRED = {
  disabled: 'it was disabled',
  deleted: 'it was deleted',
  revoked: 'its token was revoked',
} as const;

/** What becomes of a command whose time has passed. */
function overdue({ state }: Command): CommandChange {
  if (state === 'queued') return { state: 'expired' };
  const error = { code: 'no_answer', message: 'no answer came in time: the outcome is unknown' };
  return { state: 'timed_out', error };
}
