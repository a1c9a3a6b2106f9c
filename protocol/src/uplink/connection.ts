import { CLOSE, type DeviceErrorCode } from '../codes.js';
import { LIMITS } from '../limits.js';
import type { Hello } from '../messages/device.js';
import type { HubError, HubMessage, Welcome } from '../messages/hub.js';
import { longestDelay, type ReconnectRange, reconnectDelay } from './backoff.js';
import { UplinkError, type UplinkErrorCode } from './error.js';
import { readHubMessage } from './hub-message.js';
import { Link, type LinkEnd } from './link.js';
import { rangeOf, type UplinkDisconnect, type UplinkSettings, type UplinkState } from './options.js';

/** A connection that lasted so long was a good one: the next back-off starts from the beginning. */
const STABLE_MS = 10_000;
/** How long a close in good order may take. */
const CLOSE_TIMEOUT_MS = 1_000;

/** What the connection asks of, and tells, the uplink around it. */
export interface ConnectionOwner {
  hello(): Hello;
  /** A connection is up. */
  welcomed(welcome: Welcome): void;
  /** Any message after `welcome`. */
  received(message: HubMessage): void;
  /** A connection ended, or an attempt failed; the next attempt is arranged. */
  lost(end: UplinkDisconnect): void;
  problem(problem: UplinkError): void;
}

/**
 * Keeps a device connected: connects, says hello, watches for silence, and after a loss waits and connects
 * again. There is one timer: for `welcome`, for a sign of life, for the next attempt, or for a close.
 */
export class Connection {
  readonly #settings: UplinkSettings;
  readonly #owner: ConnectionOwner;
  #state: UplinkState = 'idle';
  #link: Link | undefined;
  #range: ReconnectRange;
  #attempt = 0;
  /** The fatal `error` that came before the end: a close code may get lost on the way, the message does not. */
  #fatal: HubError | undefined;
  #retryAfterMs: number | undefined;
  #heardAt = 0;
  #welcomedAt = 0;
  #connections = 0;
  #cancelTimer: () => void = () => {};
  #closed: () => void = () => {};

  constructor(settings: UplinkSettings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#range = settings.reconnect;
  }

  get state(): UplinkState {
    return this.#state;
  }

  /** Connections that were welcomed. */
  get connections(): number {
    return this.#connections;
  }

  /** Bytes that were written and have not reached the kernel. */
  get bufferedBytes(): number {
    return this.#link?.bufferedBytes ?? 0;
  }

  open(): void {
    if (this.#state === 'idle') this.#connect();
  }

  /** Writes a frame; false when there is no connection. */
  write(frame: string): boolean {
    if (this.#state !== 'online' || this.#link === undefined) return false;
    this.#link.send(frame);
    return true;
  }

  /** Gives the present connection up. The next attempt follows as after any other loss. */
  lose(end: LinkEnd): void {
    if (this.#state === 'connecting' || this.#state === 'online') this.#lost(end);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTimer();
    const link = this.#link;
    if (link === undefined) return;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#arm(CLOSE_TIMEOUT_MS, resolve);
      link.close();
    });
    this.#cancelTimer();
    link.drop();
  }

  #arm(ms: number, call: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#settings.clock.after(ms, call);
  }

  #connect(): void {
    const { url, authorization, wire, rxMaxBytes, connectTimeoutMs, WebSocket } = this.#settings;
    this.#state = 'connecting';
    this.#fatal = undefined;
    this.#retryAfterMs = undefined;
    const link = new Link(
      {
        WebSocket,
        url,
        authorization,
        wire,
        maxPayloadBytes: rxMaxBytes,
        handshakeTimeoutMs: connectTimeoutMs,
      },
      {
        opened: () => link.send(JSON.stringify(this.#owner.hello())),
        heard: () => {
          this.#heardAt = this.#settings.clock.monotonic();
        },
        message: (frame) => this.#receive(frame),
        ended: (end) => this.#lost(end),
      },
    );
    this.#link = link;
    this.#arm(connectTimeoutMs, () =>
      this.#lost({ code: 1006, reason: `no welcome in ${connectTimeoutMs} ms` }),
    );
    link.open();
  }

  #receive(frame: Buffer): void {
    if (this.#state === 'closed') return;
    const message = readHubMessage(frame, this.#settings.wire.decode);
    if (message === undefined) {
      this.#owner.problem(new UplinkError('bad_message', `not a message: ${frame.toString('utf8', 0, 64)}`));
    } else if (message?.type === 'welcome') {
      this.#welcome(message);
    } else if (message !== null) {
      if (message.type === 'error' && message.fatal) this.#fatal = message;
      if (message.type === 'bye' || message === this.#fatal) this.#retryAfterMs = message.retryAfter;
      this.#owner.received(message);
    }
  }

  #welcome(welcome: Welcome): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'online';
    this.#connections++;
    this.#range = rangeOf(welcome);
    this.#welcomedAt = this.#settings.clock.monotonic();
    this.#cancelTimer();
    this.#watch(LIMITS.silentHeartbeats * welcome.heartbeat);
    this.#owner.welcomed(welcome);
  }

  /** Drops the connection once nothing was heard for so long. One timer, not one per message. */
  #watch(silenceMs: number): void {
    if (silenceMs === 0) return;
    const silentMs = this.#settings.clock.monotonic() - this.#heardAt;
    if (silentMs >= silenceMs)
      this.#lost({ code: 1006, reason: `nothing heard for ${Math.round(silentMs)} ms` });
    else this.#arm(silenceMs - silentMs, () => this.#watch(silenceMs));
  }

  /** The connection ended, or never came to be: wait, and try again. */
  #lost(end: LinkEnd): void {
    this.#link?.drop();
    this.#link = undefined;
    const about = {
      code: end.code,
      reason: end.reason,
      ...(end.status === undefined ? {} : { status: end.status }),
    };
    if (this.#state === 'closed') {
      this.#closed();
      this.#owner.lost({ ...about, retryInMs: null });
      return;
    }
    const { clock, random } = this.#settings;
    if (this.#state === 'online' && clock.monotonic() - this.#welcomedAt >= STABLE_MS) this.#attempt = 0;
    const refusal = refusalOf(end, this.#fatal?.code);
    const retryInMs =
      refusal === undefined
        ? reconnectDelay(this.#attempt++, this.#range, random, end.retryAfterMs ?? this.#retryAfterMs)
        : longestDelay(this.#range, random);
    this.#state = 'waiting';
    this.#arm(retryInMs, () => this.#connect());
    if (refusal !== undefined && refusal !== this.#fatal?.code) {
      this.#owner.problem(new UplinkError(refusal, end.reason || refusal));
    }
    this.#owner.lost({ ...about, retryInMs });
  }
}

/** A refusal that trying again soon does not mend, by how the connection ended and what was said before. */
function refusalOf(end: LinkEnd, fatal: DeviceErrorCode | undefined): UplinkErrorCode | undefined {
  if (end.status === 401 || end.code === CLOSE.unauthorized || fatal === 'unauthorized')
    return 'unauthorized';
  if (end.status === 403) return 'disabled';
  return end.code === CLOSE.replaced || fatal === 'replaced' ? 'replaced' : undefined;
}
