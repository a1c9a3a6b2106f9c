import { LIMITS } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import { type Command, isInFlight } from './command.js';
import { longestFrameBytes } from './frame.js';
import type { CommandLink } from './link.js';

/** How many commands of a device may wait. */
export const MAX_WAITING = 16;
/** What no device could take, whatever it may say of itself once it is there. */
const MAX_FRAME_BYTES = 65_536;

/** What is under way for one device. */
export interface Desk {
  link: CommandLink | null;
  /** Queued, oldest first. */
  readonly waiting: Command[];
  /** Sent, and not answered. */
  readonly inFlight: Map<string, Command>;
}

const NONE: Desk = Object.freeze({ link: null, waiting: [], inFlight: new Map() });

/** The desks of all devices that are there, or for which something is under way. */
export class Desks {
  readonly #byDevice = new Map<string, Desk>();

  get(device: string): Desk | undefined {
    return this.#byDevice.get(device);
  }

  /** A device's desk, to look at: an empty one where it has none. */
  look(device: string): Readonly<Desk> {
    return this.#byDevice.get(device) ?? NONE;
  }

  all(): Iterable<Desk> {
    return this.#byDevice.values();
  }

  /** A device's desk; a new one where it has none. */
  open(device: string): Desk {
    const known = this.#byDevice.get(device);
    if (known !== undefined) return known;
    const desk: Desk = { link: null, waiting: [], inFlight: new Map() };
    this.#byDevice.set(device, desk);
    return desk;
  }

  /** Puts a command where it belongs by its state. */
  place(command: Command): void {
    const { id, device, state } = command;
    const { waiting, inFlight } = this.open(device);
    const at = waiting.findIndex((one) => one.id === id);
    if (state === 'queued' && at < 0) waiting.push(command);
    if (state !== 'queued' && at >= 0) waiting.splice(at, 1);
    if (isInFlight(command)) inFlight.set(id, command);
    else inFlight.delete(id);
    this.forgetEmpty(device);
  }

  forgetEmpty(device: string): void {
    const desk = this.#byDevice.get(device);
    if (desk?.link === null && desk.waiting.length === 0 && desk.inFlight.size === 0)
      this.#byDevice.delete(device);
  }
}

/**
 * Whether its device can take a command now. One at a time, or, where it works on several, as many as it remembers: of
 * one more it could not tell after a reconnect whether it had executed it.
 */
export function canSend({ link, inFlight }: Desk): boolean {
  if (!link?.isOpen || !link.caps.has('command')) return false;
  return inFlight.size === 0 || (link.caps.has('parallel') && inFlight.size < LIMITS.rememberedCommands);
}

/** @throws FieldlineError 409 and 422 where the device cannot take it, now or later */
export function requireRoom(
  { link, waiting }: Desk,
  command: Command,
  { isOnline, record, standing }: Pick<Device, 'isOnline' | 'record' | 'standing'>,
): void {
  const { device, queue } = command;
  const refuse = (code: string, message: string, status: number) =>
    new FieldlineError(code, message, { status });
  if (record.disabled) throw refuse('device_offline', `${device} is disabled: it may not connect`, 409);
  // Connected it may be without having said anything of commands yet.
  if (link === null && !queue && !isOnline) {
    const where = standing.wakesBy === null ? 'offline' : 'asleep';
    throw refuse('device_offline', `${device} is ${where}; with queue the command would wait for it`, 409);
  }
  if (link === null ? !queue : !link.caps.has('command')) {
    throw refuse('not_supported', `${device} has not said that it takes commands (caps in its hello)`, 409);
  }
  const mostBytes = link?.rxMaxBytes ?? MAX_FRAME_BYTES;
  if (longestFrameBytes(command, link) > mostBytes) {
    throw refuse('too_large', `${device} takes at most ${mostBytes} bytes (rxMax in its hello)`, 422);
  }
  if (waiting.length >= MAX_WAITING) {
    throw refuse('busy', `${waiting.length} commands wait for ${device} already`, 409);
  }
}
