import type { Cap, Topics } from '@fieldline/protocol';
import type { CommandLink } from '../commands/link.js';
import type { Device } from '../devices/device.js';
import type { LiveFeed } from '../devices/session-context.js';
import type { Outbox } from './outbox.js';

export interface DownOptions {
  readonly outbox: Outbox;
  readonly topics: Pick<Topics, 'down'>;
  readonly live: Pick<LiveFeed, 'wantsRaw' | 'raw'>;
  readonly now: () => number;
}

/** What goes to devices that speak MQTT only: `…/devices/<id>/down`. */
export class Down {
  readonly #options: DownOptions;

  constructor(options: DownOptions) {
    this.#options = options;
  }

  /** @param ttlMs for how long it is of use; a broker of MQTT 5 then forgets it (in whole seconds) */
  send({ id }: Device, frame: string, ttlMs?: number): void {
    const { outbox, topics, live, now } = this.#options;
    if (live.wantsRaw(id)) {
      const bytes = Buffer.byteLength(frame);
      live.raw({ device: id, direction: 'out', frame, bytes, via: 'mqtt', at: now() });
    }
    const expiry = ttlMs === undefined ? {} : { expirySeconds: Math.max(1, Math.ceil(ttlMs / 1_000)) };
    // What the device still has to know is said again after its next `hello`.
    outbox.send(topics.down(id), frame, { isFleeting: true, ...expiry });
  }
}

/** A device that said `hello` over MQTT. */
export class DownLink implements CommandLink {
  readonly device: Device;
  readonly boot: string | null;
  readonly caps: ReadonlySet<Cap>;
  readonly rxMaxBytes: number;
  /** The end of its connection is told at once. */
  readonly isOpen = true;
  readonly #down: Down;

  constructor(
    down: Down,
    device: Device,
    { boot, caps, rxMaxBytes }: Pick<CommandLink, 'boot' | 'caps' | 'rxMaxBytes'>,
  ) {
    this.#down = down;
    this.device = device;
    this.boot = boot;
    this.caps = caps;
    this.rxMaxBytes = rxMaxBytes;
  }

  lengthOf(text: string): number {
    return Buffer.byteLength(text);
  }

  sendFrame(text: string, ttlMs?: number): void {
    this.#down.send(this.device, text, ttlMs);
  }
}
