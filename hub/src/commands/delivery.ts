import type { Profile } from '@fieldline/protocol';
import type { GiverCheck } from '../access/givers.js';
import type { Device } from '../devices/device.js';
import type { Command } from './command.js';
import { canSend, type Desk } from './desk.js';
import { commandFrame, longestFrameBytes } from './frame.js';
import type { CommandChange } from './ledger.js';
import type { UnderWay } from './under-way.js';
import { Verifier } from './verifier.js';

export interface DeliveryOptions {
  readonly underWay: UnderWay;
  readonly devices: { get(id: string): Device | undefined };
  readonly givers: GiverCheck;
  readonly now: () => number;
}

/** Of a command that was not sent by the time that nobody trusted its giver any more. */
export const GIVER_BARRED = {
  code: 'giver_barred',
  message: 'whoever gave it may give no commands any more',
} as const;

/** Commands on their way to their devices: `sent` is durable before the frame is written, and none is sent afresh. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #isStopping = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Sends what waits, oldest first, while the device can take it. */
  sendNext(device: string): void {
    const { desks, owed } = this.#options.underWay;
    owed.make(`send ${device}`, () => {
      for (;;) {
        const desk = desks.get(device);
        const next = desk?.waiting[0];
        if (desk === undefined || next === undefined || this.#isStopping || !canSend(desk)) return;
        this.#send(next, desk);
      }
    });
  }

  /** What changes of a command that is sent now. */
  sentChange(command: Command, { link }: Desk, profile: Profile | undefined): CommandChange {
    const expect = profile?.commands.get(command.name)?.expect ?? null;
    const expected = Verifier.expected(expect, command.params);
    return {
      state: 'sent',
      sentAt: this.#options.now(),
      boot: link?.boot ?? null,
      verification: expected === null ? null : 'pending',
    };
  }

  /** Writes the frame of a command that is `sent`. */
  write(command: Command, { link }: Desk): void {
    const nowMs = this.#options.now();
    link?.sendFrame(commandFrame(command, nowMs, false), command.createdAt + command.ttl - nowMs);
  }

  /**
   * Asks what became of a command. Repeated it is never executed, and so never too late. A device that takes only
   * shorter frames now is not asked: its outcome stays unknown, unless the answer comes by itself.
   */
  askAgain(command: Command, { link }: Desk): void {
    if (!link?.caps.has('command')) return;
    const frame = commandFrame(command, this.#options.now(), true);
    if (link.lengthOf(frame) <= link.rxMaxBytes) link.sendFrame(frame);
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#isStopping = true;
  }

  #send(command: Command, desk: Desk): void {
    const { underWay, devices, givers, now } = this.#options;
    if (command.giver !== null && givers.isBarred(command.giver)) {
      underWay.change([[command, { state: 'cancelled', error: GIVER_BARRED }]]);
    } else if (now() >= command.createdAt + command.ttl) {
      underWay.change([[command, { state: 'expired' }]]);
    } else if (longestFrameBytes(command, desk.link) > (desk.link?.rxMaxBytes ?? 0)) {
      const error = { code: 'too_large', message: 'longer than the device can take (rxMax in its hello)' };
      underWay.change([[command, { state: 'cancelled', error }]]);
    } else {
      const profile = devices.get(command.device)?.profile;
      const sent = underWay.change([[command, this.sentChange(command, desk, profile)]]);
      for (const one of sent) this.write(one, desk);
    }
  }
}
