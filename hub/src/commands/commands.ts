import { isCommandId } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { GiverCheck } from '../access/givers.js';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import { SparseLog } from '../ops/sparse-log.js';
import type { CommandStore } from '../state/commands.js';
import type { IdempotencyKeys } from '../state/idempotency-keys.js';
import { type Answer, answered, isRepeated } from './answer.js';
import { type Command, hasEnded } from './command.js';
import { CommandIds } from './command-ids.js';
import { Delivery, GIVER_BARRED } from './delivery.js';
import { canSend, type Desk, requireRoom } from './desk.js';
import { ForeignAnswers } from './foreign-answers.js';
import { type Actor, HUB, type Idempotency, type Ledger, type Whole } from './ledger.js';
import type { CommandLink } from './link.js';
import { newCommand, type WantedCommand } from './new-command.js';
import { UnderWay } from './under-way.js';
import type { Verifier } from './verifier.js';

export type { WantedCommand };

export interface CommandsOptions {
  readonly ledger: Ledger;
  readonly store: CommandStore;
  readonly keys: IdempotencyKeys;
  readonly devices: { get(id: string): Device | undefined };
  readonly givers: GiverCheck;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
}

/** An outcome that is unknown is asked for at reconnects so long. */
const ASKED_FOR_MS = 86_400_000;
const OFFLINE = { code: 'device_offline', message: 'the device went offline before its turn' };

/**
 * Commands to devices (protocol §1.2 and §3 "Commands"): accepted, sent once, answered, and never believed to be more
 * than what is known. Every change is durable before anything follows from it: `sent` before the frame is written.
 */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #underWay: UnderWay;
  readonly #delivery: Delivery;
  readonly #foreign = new ForeignAnswers();
  readonly #ids = new CommandIds();
  readonly #strayLog: SparseLog;
  #isStopping = false;

  constructor(options: CommandsOptions) {
    const { ledger, store, devices, givers, log, now } = options;
    this.#options = options;
    this.#strayLog = new SparseLog(log, now);
    const onFree = (free: Iterable<string>) => {
      for (const device of free) this.#delivery.sendNext(device);
    };
    this.#underWay = new UnderWay({ ledger, store, devices, log, now, onFree });
    this.#delivery = new Delivery({ underWay: this.#underWay, devices, givers, now });
  }

  /** Takes up what was under way when the hub stopped. */
  open(): void {
    this.#ids.startAfter(this.#options.store.newestId());
    this.#underWay.open();
    // A device was disconnected when the hub stopped.
    for (const desk of this.#underWay.desks.all()) {
      this.#underWay.cancelWaiting(desk, OFFLINE, ({ queue }) => !queue);
    }
  }

  /** Looks whether readings that have become durable show what commands promised. */
  readonly observe: Verifier['observe'] = (readings) => this.#underWay.observe(readings);

  /** Whether a device is there, and takes commands. */
  reaches(device: string): boolean {
    return this.#underWay.desks.get(device)?.link?.caps.has('command') === true;
  }

  /**
   * Gives a command. It is durable when this returns, and on its way if the device can take it now.
   * @throws FieldlineError 404 `not_found`; 409 `device_offline`, `busy`, `not_supported`, `command_forgotten`; 422 `unknown_command`,
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
    if (device === undefined) throw new FieldlineError('not_found', `no device ${id}`, { status: 404 });
    const command = newCommand(device, wanted, actor, this.#ids.next(now()), now());
    const desk = this.#underWay.desks.look(id);
    requireRoom(desk, command, device);
    const isNext = canSend(desk) && desk.waiting.length === 0;
    const changes = isNext ? this.#delivery.sentChange(command, desk, device.profile) : null;
    const given = this.#options.ledger.add(command, actor, { request, whole, changes });
    this.#underWay.take(given);
    if (isNext) this.#delivery.write(given, this.#underWay.desks.look(id));
    else queueMicrotask(() => this.#delivery.sendNext(id));
    this.#options.ledger.tell(isNext ? [command, given] : [given]);
    return given;
  }

  /** @throws FieldlineError 404 */
  get(id: string): Command {
    const command = isCommandId(id) ? this.#underWay.find(id) : undefined;
    if (command === undefined)
      throw new FieldlineError('not_found', id === '' ? 'no id of a command was given' : `no command ${id}`, {
        status: 404,
      });
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
    this.#underWay.change([[command, { state: 'cancelled' }]], actor);
    return this.get(id);
  }

  /** Takes back what waits and was given by somebody who may give nothing any more. */
  cancelBarred(): void {
    const { givers } = this.#options;
    const verdicts = new Map<string, boolean>();
    const isBarred = ({ giver }: Command) => {
      if (giver === null) return false;
      const known = verdicts.get(giver) ?? givers.isBarred(giver);
      verdicts.set(giver, known);
      return known;
    };
    const ids = [...this.#underWay.desks.all()].flatMap(({ waiting }) => waiting.filter(isBarred));
    this.cancelAll(
      ids.map(({ id }) => id),
      GIVER_BARRED,
      HUB,
    );
  }

  /** Takes back those of many commands that were not sent: some at once, the others soon. */
  cancelAll(ids: readonly string[], error: Command['error'], actor: Actor): void {
    this.#underWay.cancelAll(ids, error, actor);
  }

  /** Resolves with the command when it has ended, or after `waitMs` as it is then. */
  async ended(id: string, waitMs: number): Promise<Command> {
    const command = this.get(id);
    if (hasEnded(command) || waitMs <= 0 || this.#isStopping) return command;
    return (await this.#underWay.waiters.wait(id, waitMs)) ?? this.get(id);
  }

  /** A device said `hello`, and was welcomed: what it owes is asked for again, and what waits is sent. */
  welcomed(device: string, link: CommandLink): void {
    const desk = this.#underWay.desks.open(device);
    const isSameLink = desk.link === link;
    desk.link = link;
    for (const command of [...desk.inFlight.values()]) {
      if (command.boot !== link.boot)
        this.#underWay.timeOut(command, 'rebooted', 'the device has restarted since');
      else if (link.boot !== null) this.#delivery.askAgain(command, desk);
      // Without a boot nobody can tell whether it has restarted, unless the connection is the one that it was sent over.
      else if (!isSameLink)
        this.#underWay.timeOut(command, 'reconnected', 'the device may have restarted since');
    }
    this.#askForOutcomes(device, desk);
    this.#delivery.sendNext(device);
  }

  /**
   * A connection of a device is gone. What only waited for its turn is taken back.
   * @param isReplaced a newer connection of the device is there already: what waits goes over that one
   */
  gone(device: string, link: CommandLink, isReplaced = false): void {
    const desk = this.#underWay.desks.get(device);
    // A connection that ends before its `hello` may be the one that replaced the last link.
    if (desk === undefined || (desk.link !== null && desk.link !== link)) return;
    desk.link = null;
    if (!isReplaced) this.#underWay.cancelWaiting(desk, OFFLINE, ({ queue }) => !queue);
    this.#underWay.desks.forgetEmpty(device);
  }

  /** A device may not connect any more: nothing that waits for it will ever be sent. */
  barred(device: string, reason: 'disabled' | 'deleted' | 'revoked' = 'disabled'): void {
    const desk = this.#underWay.desks.get(device);
    if (desk === undefined) return;
    const message = `the device may not connect any more: ${BARRED[reason]}`;
    this.#underWay.cancelWaiting(desk, { code: 'device_barred', message }, () => true);
    if (reason !== 'deleted') return;
    for (const command of [...desk.inFlight.values()]) {
      this.#underWay.timeOut(command, 'device_deleted', 'the device was deleted: no answer will be taken');
    }
  }

  /**
   * A device answered. An answer to a command of another device is refused and noted.
   * @returns whether what follows from it is durable; what is not will be made so
   */
  answered(device: string, answer: Answer): boolean {
    const { ledger, devices, log, now } = this.#options;
    const { id, status } = answer;
    const command = this.#underWay.find(id);
    if (command === undefined) {
      this.#strayLog.warn({ device, id }, 'an answer to a command that nobody gave');
      return true;
    }
    const actor = { name: `device:${device}`, address: devices.get(device)?.address ?? undefined };
    if (command.device !== device) {
      if (!this.#foreign.isNew(device, id)) return true;
      log.warn({ device, id, of: command.device }, "an answer to another device's command was refused");
      return this.#underWay.owed.make(`foreign ${device}`, () =>
        ledger.note(command, actor, 'foreign_answer', 'refused'),
      );
    }
    // The first end counts, also while it cannot be written.
    if (this.#underWay.owed.has(`answer ${id}`)) return false;
    const nowMs = now();
    if (isRepeated(command, answer, nowMs)) {
      // The time for its answer begins anew.
      this.#underWay.take({ ...command, acceptedAt: nowMs });
      return true;
    }
    const key = status === 'accepted' ? `accepted ${id}` : `answer ${id}`;
    return this.#underWay.owe(key, id, (current) => answered(current, answer, nowMs), actor);
  }

  /** The hub is about to stop: nothing more is given or sent, and nobody waits any longer. */
  stop(): void {
    this.#isStopping = true;
    this.#delivery.stop();
    this.#underWay.stop();
  }

  close(): void {
    this.stop();
    this.#underWay.close();
  }

  /** Asks for what nobody knows yet: a device that has not restarted since has its answers in memory. */
  #askForOutcomes(device: string, desk: Desk): void {
    const { store, now } = this.#options;
    const boot = desk.link?.boot ?? null;
    if (boot === null) return;
    for (const command of store.unanswered(device, boot, now() - ASKED_FOR_MS))
      this.#delivery.askAgain(command, desk);
  }

  #earlier({ scope, key, bodyHash }: Idempotency): Command | undefined {
    const { keys, now } = this.#options;
    const found = keys.find(scope, key, now());
    if (found === undefined) return undefined;
    if (found.bodyHash !== bodyHash) {
      const text = 'this Idempotency-Key was used for another request';
      throw new FieldlineError('idempotency_conflict', text, { status: 422 });
    }
    const command = this.#underWay.find(found.command);
    if (command !== undefined) return command;
    const text = 'this request was taken before, and its command is not kept any more';
    throw new FieldlineError('command_forgotten', text, { status: 409 });
  }
}

const BARRED = {
  disabled: 'it was disabled',
  deleted: 'it was deleted',
  revoked: 'its token was revoked',
} as const;
