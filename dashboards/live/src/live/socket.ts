import { type ReadonlySignal, signal } from '@preact/signals';
import { backOffMs } from './back-off.js';
import { type Interest, type LiveMessage, parseLive } from './messages.js';

/** Where the link stands. Times are by the world's clock, ms since 1970. */
export type Link =
  | { readonly state: 'off' }
  | { readonly state: 'connecting'; readonly lostAt: number | null }
  | { readonly state: 'live'; readonly since: number }
  | { readonly state: 'retry'; readonly lostAt: number | null; readonly nextTryAt: number };

/** A break that is over: between these times nothing was seen. */
export interface Missed {
  readonly from: number;
  readonly to: number;
}

/** The part of a browser's WebSocket that is used, so that tests bring their own. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface World {
  connect(): Socket;
  now(): number;
  random(): number;
  /** Runs `work` after `ms`; the answer cancels it. */
  later(ms: number, work: () => void): () => void;
  /** Asks the hub over HTTP whether it is there; false when it is not. */
  probe(): Promise<boolean>;
}

/** Silence after which the hub is asked whether it is still there: browsers do not show pings. */
const QUIET_MS = 10_000;
/** A try that has not opened by then is given up. */
const CONNECT_MS = 8_000;

interface Subscription {
  readonly interest: Interest;
  readonly hear: (message: LiveMessage) => void;
}

/**
 * The viewer socket. It reconnects by itself for ever, tells what was missed, and sends every interest afresh
 * on each connection; each answer starts with a snapshot, so a subscriber is whole again without asking.
 */
export class LiveSocket {
  readonly #world: World;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #link = signal<Link>({ state: 'off' });
  readonly #missed = signal<Missed | null>(null);
  #socket: Socket | undefined;
  #nextId = 1;
  #tries = 0;
  #lostAt: number | null = null;
  #heardAt = 0;
  #cancelTimer: () => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  get link(): ReadonlySignal<Link> {
    return this.#link;
  }

  /** The last break, once it is over; null before the first. */
  get missed(): ReadonlySignal<Missed | null> {
    return this.#missed;
  }

  open(): void {
    if (this.#link.value.state === 'off') this.#connect();
  }

  close(): void {
    this.#drop();
    this.#tries = 0;
    this.#lostAt = null;
    this.#link.value = { state: 'off' };
  }

  /** Tries at once instead of at the end of the wait. */
  tryNow(): void {
    if (this.#link.value.state === 'retry') this.#connect();
  }

  /**
   * Hears everything that matches the interest until the answer is called. Snapshots go to their own
   * subscriber; the other kinds go to all, which know their devices.
   */
  subscribe(interest: Interest, hear: (message: LiveMessage) => void): () => void {
    const id = this.#nextId++;
    this.#subscriptions.set(id, { interest, hear });
    this.#send({ type: 'subscribe', id, ...interest });
    return () => {
      if (this.#subscriptions.delete(id)) this.#send({ type: 'unsubscribe', id });
    };
  }

  /** Hears what concerns the link and not a device, such as `lag`. */
  listen(hear: (message: LiveMessage) => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  #connect(): void {
    this.#drop();
    this.#link.value = { state: 'connecting', lostAt: this.#lostAt };
    const socket = this.#world.connect();
    this.#socket = socket;
    // A late event of an older socket must not touch the newer one.
    const mine = () => this.#socket === socket;
    socket.onopen = () => mine() && this.#opened();
    socket.onmessage = (event) => mine() && this.#heard(event.data);
    socket.onclose = () => mine() && this.#lost();
    this.#cancelTimer = this.#world.later(CONNECT_MS, () => mine() && this.#lost());
  }

  #opened(): void {
    const now = this.#world.now();
    if (this.#lostAt !== null) this.#missed.value = { from: this.#lostAt, to: now };
    this.#tries = 0;
    this.#lostAt = null;
    this.#heardAt = now;
    this.#link.value = { state: 'live', since: now };
    for (const [id, { interest }] of this.#subscriptions) this.#send({ type: 'subscribe', id, ...interest });
    this.#watch();
  }

  #heard(data: unknown): void {
    this.#heardAt = this.#world.now();
    const message = parseLive(data);
    if (!message) return;
    if (message.type === 'snapshot') this.#subscriptions.get(message.id)?.hear(message);
    else {
      for (const { hear } of [...this.#subscriptions.values()]) hear(message);
      for (const hear of this.#listeners) hear(message);
    }
  }

  #watch(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#cancelTimer = this.#world.later(QUIET_MS, () => {
      if (this.#world.now() - this.#heardAt < QUIET_MS) return this.#watch();
      void this.#world.probe().then((there) => {
        if (this.#socket !== socket || this.#link.value.state !== 'live') return;
        if (there) this.#watch();
        else this.#lost();
      });
    });
  }

  #lost(): void {
    // Nothing has been seen since the last message, even if the break was noticed later.
    if (this.#link.value.state === 'live') this.#lostAt = this.#heardAt;
    this.#drop();
    const waitMs = backOffMs(this.#tries++, this.#world.random());
    this.#link.value = { state: 'retry', lostAt: this.#lostAt, nextTryAt: this.#world.now() + waitMs };
    this.#cancelTimer = this.#world.later(waitMs, () => this.#connect());
  }

  #drop(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #send(message: object): void {
    if (this.#link.value.state === 'live') this.#socket?.send(JSON.stringify(message));
  }
}
