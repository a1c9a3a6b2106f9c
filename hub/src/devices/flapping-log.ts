import type { LogLevel } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Audit } from '../state/audit.js';
import type { StateFile } from '../state/state-file.js';
import type { FlappingChange } from './flapping.js';

export interface FlappingLogOptions {
  readonly state: Pick<StateFile, 'transaction'>;
  readonly audit: Pick<Audit, 'add'>;
  /** Takes a line for a device's log. */
  readonly note: (line: { device: string; at: number; level: LogLevel; message: string }) => void;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** Where a network gives way, many devices flap at once: they are audited together, so that each costs no sync. */
const TOGETHER_MS = 1_000;

/** Says of each device that began to flap, or became steady, so in its log, and of the former once in the audit. */
export class FlappingLog {
  readonly #options: FlappingLogOptions;
  #begun: { device: string; connects: number; at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FlappingLogOptions) {
    this.#options = options;
  }

  add({ device: { id: device }, isFlapping, connects }: FlappingChange): void {
    const { note, now } = this.#options;
    const at = now();
    if (!isFlapping) {
      note({ device, at, level: 'info', message: 'the connection is steady again' });
      return;
    }
    note({ device, at, level: 'warn', message: `connected ${connects} times within ten minutes` });
    this.#begun.push({ device, connects, at });
    this.#timer ??= setTimeout(() => this.#audit(), TOGETHER_MS);
  }

  /** Writes what waits. Before the state file is closed. */
  close(): void {
    if (this.#timer !== undefined) this.#audit();
  }

  #audit(): void {
    const { state, audit, log } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const begun = this.#begun;
    this.#begun = [];
    try {
      state.transaction(() => {
        for (const { device, connects, at } of begun) {
          const deed = { at, actor: 'hub', action: 'device.flapping', subject: `device:${device}` };
          audit.add({ ...deed, details: { connects } });
        }
      });
    } catch (error) {
      log.warn({ err: error, devices: begun.length }, 'devices that flap could not be noted in the audit');
    }
  }
}
