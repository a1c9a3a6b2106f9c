import { isBoot, isSeq } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { ackMessage } from '../devices/messages.js';
import type { Ingest } from '../ingest/ingest.js';
import type { DownLink } from './down-link.js';
import type { DownLinks } from './down-links.js';

/**
 * Acks for devices that said `hello` over MQTT. A PUBACK may be the broker's word only; an `ack` is the hub's, that all
 * up to its number is on disk or was answered. What becomes durable together is acked together.
 */
export class DownAcks {
  readonly #links: Pick<DownLinks, 'get'>;
  readonly #ingest: Pick<Ingest, 'findBoot'>;
  readonly #due = new Map<DownLink, Set<string>>();

  constructor(links: Pick<DownLinks, 'get'>, ingest: Pick<Ingest, 'findBoot'>) {
    this.#links = links;
    this.#ingest = ingest;
  }

  /** Messages of a device are on disk. */
  settled(device: Device, messages: readonly unknown[]): void {
    const link = this.#links.get(device.id);
    if (link === undefined) return;
    for (const message of messages) {
      const { boot, seq } = (message ?? {}) as { boot?: unknown; seq?: unknown };
      if (isBoot(boot) && isSeq(seq)) this.#owe(link, boot);
    }
  }

  #owe(link: DownLink, boot: string): void {
    if (this.#due.size === 0) setImmediate(() => this.#send());
    const boots = this.#due.get(link);
    if (boots === undefined) this.#due.set(link, new Set([boot]));
    else boots.add(boot);
  }

  #send(): void {
    for (const [link, boots] of this.#due) {
      for (const boot of boots) {
        const acked = this.#ingest.findBoot(link.device, boot)?.acked ?? null;
        if (acked !== null) link.sendFrame(ackMessage(boot, acked));
      }
    }
    this.#due.clear();
  }
}
