import type { Device } from '../devices/device.js';
import type { SessionContext } from '../devices/session-context.js';
import type { DownLink } from './down-link.js';

interface Held {
  readonly link: DownLink;
  readonly end: AbortSignal;
}

/** The devices that said `hello` over MQTT and can be reached: at most one link of each, the newest. */
export class DownLinks {
  readonly #context: Pick<SessionContext, 'commands' | 'configs'>;
  /** By device. */
  readonly #held = new Map<string, Held>();
  /** By what they end with: with an external broker that is the same for all. */
  readonly #byEnd = new Map<AbortSignal, Set<DownLink>>();

  constructor(context: Pick<SessionContext, 'commands' | 'configs'>) {
    this.#context = context;
  }

  get(device: string): DownLink | undefined {
    return this.#held.get(device)?.link;
  }

  /** @param end aborted when the device cannot be reached any more; not yet */
  add(link: DownLink, end: AbortSignal): void {
    const older = this.#held.get(link.device.id);
    if (older !== undefined) this.#byEnd.get(older.end)?.delete(older.link);
    this.#held.set(link.device.id, { link, end });
    let links = this.#byEnd.get(end);
    if (links === undefined) {
      links = new Set();
      this.#byEnd.set(end, links);
      end.addEventListener('abort', () => this.#end(end), { once: true });
    }
    links.add(link);
  }

  /** The device may not connect any more. */
  bar({ id }: Device): void {
    const held = this.#held.get(id);
    if (held !== undefined) this.#remove(held);
  }

  /** Nobody is reached any more. */
  close(): void {
    for (const held of [...this.#held.values()]) this.#remove(held);
  }

  #end(end: AbortSignal): void {
    const links = this.#byEnd.get(end) ?? [];
    this.#byEnd.delete(end);
    for (const link of links) this.#remove({ link, end });
  }

  #remove({ link, end }: Held): void {
    const { id } = link.device;
    this.#held.delete(id);
    this.#byEnd.get(end)?.delete(link);
    this.#context.configs.gone(id, link);
    this.#context.commands.gone(id, link);
  }
}
