import { type DeviceErrorCode, LIMITS } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { errorMessage, rejectMessage } from '../devices/messages.js';
import type { Faults } from '../ingest/submit.js';
import type { Down } from './down-link.js';
import type { DownLinks } from './down-links.js';

/** What a device is told of its messages that were not taken as they are, whichever topic they came by. */
export interface DeviceFaults extends Faults {
  unknownType(type: string, seq: number | undefined): void;
}

/** Tells devices what is wrong with their messages, as a device socket does; under `…/down`. */
export class Complaints {
  readonly #down: Down;
  readonly #links: DownLinks;

  constructor(down: Down, links: DownLinks) {
    this.#down = down;
    this.#links = links;
  }

  /** For what one device has sent. */
  of(device: Device): DeviceFaults {
    const room = { maxBytes: this.#links.get(device.id)?.rxMaxBytes ?? LIMITS.rxMaxBytes };
    const error = (code: DeviceErrorCode, message: string, seq: number | undefined) =>
      this.#down.send(device, errorMessage(code, message, { seq }, room));
    return {
      reject: (reject, seq) => this.#down.send(device, rejectMessage(reject, seq, room)),
      malformed: (reason, seq) => error('malformed', reason, seq),
      unknownType: (type, seq) => error('unknown_type', `no message is called ${type}`, seq),
    };
  }
}
