import { FieldlineError } from '../errors.js';

/**
 * Upgrades in one turn of the event loop. Each costs the hub about a millisecond until its device has its `welcome`:
 * a turn stays below what anybody would notice, and all the turns together are not slower.
 */
const PER_TURN = 16;
/** Upgrades that may wait: more than a process may have open files, as systems are set up. */
const MAX_WAITING = 65_536;
/** Of strangers of one address: as many as it may have sockets that have not logged in. */
const MAX_STRANGERS = 20;
const RETRY_AFTER_MS = 5_000;
/** Places of those who have gone are cleared away when they are so many, and at least half. */
const COMPACT_AFTER = 1_024;

/** What it has to know of a socket. */
export interface WaitingSocket {
  readonly destroyed: boolean;
  /** Whether the other side has said that it sends no more: it has given up. */
  readonly readableEnded: boolean;
  on(event: 'end' | 'close', listener: () => void): unknown;
  off(event: 'end' | 'close', listener: () => void): unknown;
  destroy(): unknown;
}

export interface TurnstileOptions {
  readonly maxWaiting?: number;
  readonly maxStrangers?: number;
  /** Told of each that gave up while it waited. */
  readonly onGone?: () => void;
}

interface Waiting {
  readonly stranger: string | null;
  /** Lets it in; null once it has gone. */
  pass: (() => void) | null;
}

/**
 * Where devices wait when thousands of them come back in the same moment: libuv would hand over all of their requests
 * in one turn of the event loop, and nobody else would be heard meanwhile. Of those who wait the last to come is the
 * first to pass: devices give up a handshake after one to five seconds, and in order of their coming a slow machine would
 * serve only those who are about to. Who has gone takes nobody's place, and nobody's time; he comes back, and is among
 * the last then. Strangers wait in small numbers only: whoever has no token must not fill it for those who have.
 */
export class Turnstile {
  readonly #maxWaiting: number;
  readonly #maxStrangers: number;
  readonly #onGone: () => void;
  #waiting: Waiting[] = [];
  #size = 0;
  readonly #strangers = new Map<string, number>();
  #places = PER_TURN;
  #turn: NodeJS.Immediate | null = null;

  constructor({
    maxWaiting = MAX_WAITING,
    maxStrangers = MAX_STRANGERS,
    onGone = () => {},
  }: TurnstileOptions = {}) {
    this.#maxWaiting = maxWaiting;
    this.#maxStrangers = maxStrangers;
    this.#onGone = onGone;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Resolves when it is this socket's turn: at once, unless many come. Never, when it has gone by then: what would
   * follow is of no use to anybody, and costs time.
   * @param stranger the address of one that has shown nothing by which it would be let in; null of all others
   * @throws FieldlineError 503 `too_many_upgrades` when too many wait; 429 `too_many_connections` when too many
   *   strangers of this address do
   */
  async enter(socket: WaitingSocket, stranger: string | null = null): Promise<void> {
    this.#turn ??= setImmediate(() => this.#next());
    if (this.#places > 0) {
      this.#places--;
      return;
    }
    if (this.#size >= this.#maxWaiting) {
      const text = 'too many devices connect at once';
      throw new FieldlineError('too_many_upgrades', text, { status: 503, retryAfterMs: RETRY_AFTER_MS });
    }
    if (stranger !== null && (this.#strangers.get(stranger) ?? 0) >= this.#maxStrangers) {
      const text = 'too many connections of this address have not logged in';
      throw new FieldlineError('too_many_connections', text, { status: 429, retryAfterMs: RETRY_AFTER_MS });
    }
    await new Promise<void>((resolve) => this.#wait(socket, stranger, resolve));
  }

  #wait(socket: WaitingSocket, stranger: string | null, resolve: () => void): void {
    const one: Waiting = { stranger, pass: null };
    const leave = () => {
      one.pass = null;
      for (const event of ['end', 'close'] as const) socket.off(event, gone);
      this.#count(stranger, -1);
    };
    const gone = () => {
      leave();
      socket.destroy();
      this.#onGone();
      this.#compact();
    };
    one.pass = () => {
      if (socket.destroyed || socket.readableEnded) return gone();
      leave();
      this.#places--;
      resolve();
    };
    for (const event of ['end', 'close'] as const) socket.on(event, gone);
    this.#waiting.push(one);
    this.#count(stranger, 1);
  }

  #count(stranger: string | null, by: 1 | -1): void {
    this.#size += by;
    if (stranger === null) return;
    const count = (this.#strangers.get(stranger) ?? 0) + by;
    if (count > 0) this.#strangers.set(stranger, count);
    else this.#strangers.delete(stranger);
  }

  #compact(): void {
    const gone = this.#waiting.length - this.#size;
    if (gone >= COMPACT_AFTER && gone >= this.#size) {
      this.#waiting = this.#waiting.filter(({ pass }) => pass !== null);
    }
  }

  #next(): void {
    const someWaited = this.#size > 0;
    this.#places = PER_TURN;
    while (this.#places > 0) {
      const last = this.#waiting.pop();
      if (last === undefined) break;
      last.pass?.();
    }
    this.#turn = someWaited ? setImmediate(() => this.#next()) : null;
  }
}
