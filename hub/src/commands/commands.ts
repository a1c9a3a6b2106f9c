import type { Profile } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { monotonicFactory } from 'ulid';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { CommandStore } from '../state/commands.js';
import type { IdempotencyKeys } from '../state/idempotency-keys.js';
import { type Answer, answered } from './answer.js';
import { type Command, canBecome, dueAt, hasEnded, isInFlight } from './command.js';
import { commandFrame, longestFrameBytes } from './frame.js';
import type { Actor, CommandChange, Idempotency, Ledger } from './ledger.js';
import type { CommandLink } from './link.js';
import { checkedParams, type GivenParams } from './params.js';
import { Verifier } from './verifier.js';

/** A command that somebody wants given. */
export interface WantedCommand {
  readonly name: string;
  readonly params?: GivenParams | undefined;
  /** ms; 10 s by default, 1 h with `queue`. */
  readonly ttl?: number | undefined;
  readonly queue?: boolean | undefined;
}

export interface CommandsOptions {
  readonly ledger: Ledger;
  readonly store: CommandStore;
  readonly keys: IdempotencyKeys;
  readonly devices: { get(id: string): Device | undefined };
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
}

/** How many commands of a device may wait. */
export const MAX_WAITING = 16;
const TTL_MS = 10_000;
const QUEUE_TTL_MS = 3_600_000;
const TIMEOUT_MS = 10_000;
/** A change that could not be written is tried again after this. */
const RETRY_MS = 1_000;
/** Longest that a timer of Node's may be set for. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const HUB: Actor = { name: 'hub' };

/** What is under way for one device. */
interface Desk {
  link: CommandLink | null;
  /** Queued, oldest first. */
  waiting: Command[];
  /** Sent, and not answered. */
  readonly inFlight: Map<string, Command>;
}

/**
 * Commands to devices (protocol §1.2 and §3 "Commands"): accepted, sent once, answered, and never believed to be more
 * than what is known. Every change is durable before anything follows from it: `sent` before the frame is written.
 */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #verifier: Verifier;
  readonly #desks = new Map<string, Desk>();
  /** Those that have not ended. */
  readonly #alive = new Map<string, Command>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #newId = monotonicFactory();
  #stopped = false;

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#verifier = new Verifier({
      now: options.now,
      onVerdict: (command, verification) => this.#try(() => this.#change(command, { verification }, HUB)),
    });
  }

  /** Takes up what was under way when the hub stopped. */
  open(): void {
    for (const command of this.#options.store.alive()) {
      if (hasEnded(command)) this.#watch(command);
      else this.#place(command);
      this.#schedule(command);
    }
  }

  /** Looks whether readings that have become durable show what commands promised. */
  readonly observe: Verifier['observe'] = (readings) => this.#verifier.observe(readings);

  /**
   * Gives a command. It is durable when this returns, and on its way if the device can take it now.
   * @throws FieldlineError 404 `unknown_device`; 409 `device_offline`, `busy`, `not_supported`; 422 `unknown_command`,
   *   `bad_params`, `too_large`, `idempotency_conflict`; 503 where it cannot be made durable
   */
  give(id: string, wanted: WantedCommand, actor: Actor, request: Idempotency | null = null): Command {
    const earlier = request === null || request.isFirst ? undefined : this.#earlier(request);
    if (earlier !== undefined) return earlier;
    const { devices } = this.#options;
    const device = devices.get(id);
    if (device === undefined)
      throw new FieldlineError('unknown_device', `no device is called ${id}`, { status: 404 });
    const command = this.#newCommand(device, wanted, actor);
    const desk = this.#desk(id);
    this.#requireRoom(desk, command);
    const sent = this.#canSend(desk) ? this.#sentChange(command, desk, device.profile) : null;
    const given = this.#options.ledger.add(command, actor, request, sent);
    this.#place(given);
    this.#schedule(given);
    if (sent !== null) this.#write(given, desk, false);
    return given;
  }

  /** @throws FieldlineError 404 */
  get(id: string): Command {
    const command = this.#alive.get(id) ?? this.#options.store.get(id);
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
    return this.#change(command, { state: 'cancelled' }, actor);
  }

  /** Resolves with the command when it has ended, or after `waitMs` as it is then. */
  ended(id: string, waitMs: number): Promise<Command> {
    const command = this.get(id);
    if (hasEnded(command) || waitMs <= 0) return Promise.resolve(command);
    return new Promise((resolve) => {
      const finish = (last: Command) => {
        clearTimeout(timer);
        stop();
        resolve(last);
      };
      const timer = setTimeout(() => finish(this.get(id)), waitMs);
      const stop = this.#options.ledger.onChange((changed) => {
        if (changed.id === id && hasEnded(changed)) finish(changed);
      });
    });
  }

  /** A device said `hello`, and was welcomed: what it owes is asked for again, and what waits is sent. */
  welcomed(device: string, link: CommandLink): void {
    const desk = this.#desk(device);
    desk.link = link;
    for (const command of [...desk.inFlight.values()]) {
      if (link.boot !== null && command.boot === link.boot) this.#write(command, desk, true);
      else this.#try(() => this.#timeOut(command, 'rebooted', 'the device has restarted since'));
    }
    this.#sendNext(device);
  }

  /** A connection of a device is gone. What only waited for its turn is taken back. */
  gone(device: string, link: CommandLink): void {
    const desk = this.#desks.get(device);
    if (desk === undefined || desk.link !== link) return;
    desk.link = null;
    const error = { code: 'device_offline', message: 'the device went offline before its turn' };
    for (const command of desk.waiting.filter(({ queue }) => !queue)) {
      this.#try(() => this.#change(command, { state: 'cancelled', error }, HUB));
    }
    this.#forgetEmpty(device);
  }

  /** A device may not connect any more: nothing that waits for it will ever be sent. */
  barred(device: string): void {
    const error = { code: 'device_barred', message: 'the device may not connect any more' };
    for (const command of [...(this.#desks.get(device)?.waiting ?? [])]) {
      this.#try(() => this.#change(command, { state: 'cancelled', error }, HUB));
    }
  }

  /**
   * A device answered. An answer to a command of another device is refused and noted.
   * @returns whether what follows from it is durable
   */
  answered(device: string, answer: Answer): boolean {
    const { store, ledger, log } = this.#options;
    const command = this.#alive.get(answer.id) ?? store.get(answer.id);
    if (command === undefined) {
      log.warn({ device, id: answer.id }, 'an answer to a command that nobody gave');
      return true;
    }
    const actor = { name: `device:${device}` };
    if (command.device !== device) {
      log.warn(
        { device, id: answer.id, of: command.device },
        "an answer to another device's command was refused",
      );
      return this.#try(() => ledger.note(command, actor, 'foreign_answer', 'refused'));
    }
    const changes = answered(command, answer, this.#options.now());
    return changes === null || this.#try(() => this.#change(command, changes, actor));
  }

  close(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#verifier.close();
  }

  #newCommand(
    device: Device,
    { name, params = {}, ttl, queue = false }: WantedCommand,
    actor: Actor,
  ): Command {
    const now = this.#options.now();
    return {
      id: this.#newId(now),
      device: device.id,
      name,
      params: checkedParams(device.profile, name, params),
      state: 'queued',
      queue,
      ttl: ttl ?? (queue ? QUEUE_TTL_MS : TTL_MS),
      timeout: device.profile?.commands.get(name)?.timeoutMs ?? TIMEOUT_MS,
      createdAt: now,
      ...{ sentAt: null, acceptedAt: null, finishedAt: null, boot: null },
      ...{ result: null, error: null, verification: null },
      by: actor.name,
    };
  }

  /** @throws FieldlineError 409 and 422 where the device cannot take it, now or later */
  #requireRoom({ link, waiting, inFlight }: Desk, command: Command): void {
    const { device, queue } = command;
    const refuse = (code: string, message: string, status: number) =>
      new FieldlineError(code, message, { status });
    if (link === null && !queue) {
      throw refuse('device_offline', `${device} is offline; with queue the command would wait for it`, 409);
    }
    if (link !== null && !link.caps.has('command')) {
      throw refuse('not_supported', `${device} has not said that it takes commands (caps in its hello)`, 409);
    }
    if (link !== null && longestFrameBytes(command) > link.rxMaxBytes) {
      throw refuse('too_large', `${device} takes at most ${link.rxMaxBytes} bytes (rxMax in its hello)`, 422);
    }
    if (waiting.length >= MAX_WAITING && (inFlight.size > 0 || link === null)) {
      throw refuse('busy', `${waiting.length} commands wait for ${device} already`, 409);
    }
  }

  #earlier({ scope, key, bodyHash }: Idempotency): Command | undefined {
    const { keys, store, now } = this.#options;
    const found = keys.find(scope, key, now());
    if (found === undefined) return undefined;
    if (found.bodyHash !== bodyHash) {
      const text = 'this Idempotency-Key was used for another request';
      throw new FieldlineError('idempotency_conflict', text, { status: 422 });
    }
    return this.#alive.get(found.command) ?? store.get(found.command);
  }

  /** Sends what waits, oldest first, while the device can take it. */
  #sendNext(device: string): void {
    const desk = this.#desk(device);
    while (!this.#stopped && this.#canSend(desk)) {
      const next = desk.waiting[0];
      if (next === undefined) break;
      if (
        !this.#try(
          () => this.#send(next, desk),
          () => this.#sendNext(device),
        )
      )
        break;
    }
    this.#forgetEmpty(device);
  }

  #canSend({ link, inFlight }: Desk): boolean {
    return link?.caps.has('command') === true && (inFlight.size === 0 || link.caps.has('parallel'));
  }

  #send(command: Command, desk: Desk): void {
    const { devices, now } = this.#options;
    if (now() >= command.createdAt + command.ttl) {
      this.#change(command, { state: 'expired' }, HUB);
      return;
    }
    if (longestFrameBytes(command) > (desk.link?.rxMaxBytes ?? 0)) {
      const error = { code: 'too_large', message: 'longer than the device can take (rxMax in its hello)' };
      this.#change(command, { state: 'cancelled', error }, HUB);
      return;
    }
    const profile = devices.get(command.device)?.profile;
    this.#write(this.#change(command, this.#sentChange(command, desk, profile), HUB), desk, false);
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

  /** Changes a command, and what follows from it for its device. What it cannot become, it does not become. */
  #change(command: Command, changes: CommandChange, actor: Actor): Command {
    const current = this.#alive.get(command.id) ?? command;
    if (changes.state !== undefined && !canBecome(current.state, changes.state)) return current;
    const changed = this.#options.ledger.change(current, changes, actor);
    this.#place(changed);
    this.#schedule(changed);
    this.#verifier.changed(changed);
    if (hasEnded(changed) && changes.state !== undefined)
      queueMicrotask(() => this.#sendNext(changed.device));
    return changed;
  }

  /** Puts a command where it belongs by its state. */
  #place(command: Command): void {
    const { id } = command;
    const desk = this.#desk(command.device);
    if (hasEnded(command)) this.#alive.delete(id);
    else this.#alive.set(id, command);
    const isSent = isInFlight(command) && !desk.inFlight.has(id);
    const at = desk.waiting.findIndex((one) => one.id === id);
    if (command.state === 'queued' && at < 0) desk.waiting.push(command);
    if (command.state !== 'queued' && at >= 0) desk.waiting.splice(at, 1);
    if (isInFlight(command)) desk.inFlight.set(id, command);
    else desk.inFlight.delete(id);
    if (isSent && command.verification === 'pending') this.#watch(command);
  }

  #watch(command: Command): void {
    const expect = this.#options.devices.get(command.device)?.profile?.commands.get(command.name)?.expect;
    const expected = Verifier.expected(expect ?? null, command.params);
    if (expect && expected !== null) this.#verifier.watch(command, expect, expected);
    // Its profile has changed since: nothing tells any more what to look for.
    else this.#try(() => this.#change(command, { verification: 'unverified' }, HUB));
  }

  #schedule(command: Command): void {
    clearTimeout(this.#timers.get(command.id));
    this.#timers.delete(command.id);
    const due = dueAt(command);
    if (due === null || this.#stopped) return;
    const waitMs = Math.min(Math.max(0, due - this.#options.now()), MAX_TIMER_MS);
    this.#timers.set(command.id, setTimeout(() => this.#due(command.id), waitMs).unref());
  }

  #due(id: string): void {
    const command = this.#alive.get(id);
    const due = command === undefined ? null : dueAt(command);
    if (command === undefined || due === null) return;
    if (due > this.#options.now()) this.#schedule(command);
    else if (command.state === 'queued') this.#try(() => this.#change(command, { state: 'expired' }, HUB));
    else
      this.#try(() => this.#timeOut(command, 'no_answer', 'no answer came in time: the outcome is unknown'));
  }

  #timeOut(command: Command, code: string, message: string): void {
    this.#change(command, { state: 'timed_out', error: { code, message } }, HUB);
  }

  /**
   * Makes a change that the hub itself owes. Where it cannot be written now, `again` is tried later: until then nothing
   * follows from it. @returns whether it was made
   */
  #try(make: () => void, again: () => void = () => this.#try(make)): boolean {
    try {
      make();
      return true;
    } catch (error) {
      this.#options.log.error({ err: error }, 'a change of a command could not be made');
      if (!this.#stopped && error instanceof FieldlineError) setTimeout(again, RETRY_MS).unref();
      return false;
    }
  }

  #desk(device: string): Desk {
    let desk = this.#desks.get(device);
    if (desk === undefined) {
      desk = { link: null, waiting: [], inFlight: new Map() };
      this.#desks.set(device, desk);
    }
    return desk;
  }

  #forgetEmpty(device: string): void {
    const desk = this.#desks.get(device);
    if (desk?.link === null && desk.waiting.length === 0 && desk.inFlight.size === 0)
      this.#desks.delete(device);
  }
}
