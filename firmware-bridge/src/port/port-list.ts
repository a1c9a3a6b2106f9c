import { realpath } from 'node:fs/promises';
import type { autoDetect } from '@serialport/bindings-cpp';

type Binding = ReturnType<typeof autoDetect>;
export type PortInfo = Awaited<ReturnType<Binding['list']>>[number];

/** How old an answer may be: it starts a program of the system's each time. */
const FRESH_MS = 900;

/** The serial ports of this machine, with what their USB devices say of themselves. Ptys are not among them. */
export class PortList {
  readonly #binding: Pick<Binding, 'list'>;
  readonly #now: () => number;
  #answer: Promise<PortInfo[]> | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(binding: Pick<Binding, 'list'>, now: () => number = () => performance.now()) {
    this.#binding = binding;
    this.#now = now;
  }

  /** @throws Error when the system cannot tell */
  list(): Promise<PortInfo[]> {
    const nowMs = this.#now();
    if (this.#answer === undefined || nowMs - this.#askedAtMs >= FRESH_MS) {
      this.#askedAtMs = nowMs;
      this.#answer = this.#binding.list().catch((error: NodeJS.ErrnoException) => {
        const why = error.code === 'ENOENT' ? 'udevadm is not there (Debian: package udev)' : error.message;
        throw new Error(`the serial ports cannot be listed: ${why}`, { cause: error });
      });
    }
    return this.#answer;
  }

  /** The USB serial number of what is at a path, also of a link to it; undefined where it has none. */
  async serialNumberOf(path: string): Promise<string | undefined> {
    const real = await realpath(path).catch(() => path);
    const ports = await this.list().catch(() => []);
    return ports.find((port) => port.path === path || port.path === real)?.serialNumber;
  }
}
