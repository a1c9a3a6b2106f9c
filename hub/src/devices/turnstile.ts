import { FieldlineError } from '../errors.js';

/**
 * Upgrades in one turn of the event loop. Each costs the hub about a millisecond until its device has its `welcome`:
 * a turn stays below what anybody would notice, and all the turns together are not slower.
 */
const PER_TURN = 16;
/** Upgrades that may wait: more than a process may have open files, as systems are set up. */
const MAX_WAITING = 65_536;
const RETRY_AFTER_MS = 5_000;

interface Waiting {
  readonly socket: { readonly destroyed: boolean };
  readonly pass: () => void;
}

/**
 * Where devices wait when thousands of them come back in the same moment: libuv would hand over all of their requests
 * in one turn of the event loop, and nobody else would be heard meanwhile. Of those who wait the last to come is the
 * first to pass: devices give up a handshake after one to five seconds, and in order of their coming a slow machine would
 * serve only those who are about to. Who has gone takes nobody's place; he comes back, and is among the last then.
 */
export class Turnstile {
  readonly #maxWaiting: number;
  readonly #waiting: Waiting[] = [];
  #places = PER_TURN;
  #turn: NodeJS.Immediate | null = null;

  constructor({ maxWaiting = MAX_WAITING }: { readonly maxWaiting?: number } = {}) {
    this.#maxWaiting = maxWaiting;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when it is this socket's turn: at once, unless many come.
   * @throws FieldlineError 503 `too_many_upgrades` when too many wait
   */
  async enter(socket: Waiting['socket']): Promise<void> {
    this.#turn ??= setImmediate(() => this.#next());
    if (this.#places > 0) {
      this.#places--;
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      const text = 'too many devices connect at once';
      throw new FieldlineError('too_many_upgrades', text, { status: 503, retryAfterMs: RETRY_AFTER_MS });
    }
    await new Promise<void>((pass) => this.#waiting.push({ socket, pass }));
  }

  #next(): void {
    const someWaited = this.#waiting.length > 0;
    this.#places = PER_TURN;
    while (this.#places > 0) {
      const last = this.#waiting.pop();
      if (last === undefined) break;
      if (!last.socket.destroyed) this.#places--;
      last.pass();
    }
    this.#turn = someWaited ? setImmediate(() => this.#next()) : null;
  }
}
