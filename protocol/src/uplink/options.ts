import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Cap } from '../codes.js';
import type { Command, Welcome } from '../messages/hub.js';
import type { ReconnectRange } from './backoff.js';
import { type UplinkEncoding, WIRES } from './wire.js';

/** How a command ended. `accept()` was called before where that takes long. */
export type CommandAnswer =
  | { readonly status: 'ok'; readonly result?: unknown }
  | { readonly status: 'error' | 'rejected'; readonly code: string; readonly message?: string };

/** Time and timers, injected by tests. */
export interface UplinkClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** Calls back once; returns the way to prevent it. */
  after(ms: number, call: () => void): () => void;
}

export interface UplinkOptions {
  /** The hub: `http://host:8080`, or the whole `ws://host:8080/ws/v1/device`; `https`, `wss` alike. */
  readonly url: string;
  /** For messages to people; the token says which device it is, unless it `isNamed`. */
  readonly device: string;
  readonly token?: string;
  /** The hub is told `device`, too, and refuses the token of another one: for a program with several. */
  readonly isNamed?: boolean;
  /** JSON by default. With a hub that does not know CBOR no connection comes about. */
  readonly encoding?: UplinkEncoding;
  /** Names this start of the device. Random by default, which is right unless numbers are kept on a disk. */
  readonly boot?: string;
  /** Highest number already assigned in `boot`; 0 by default. */
  readonly seq?: number;
  /**
   * For a sender that keeps its messages and their numbers itself, and gives them to `sendNumbered`: the highest number
   * of this boot that was ever assigned, also of messages that are still to be given.
   */
  readonly highestSeq?: () => number;
  /** Where the hub answers `boot_reused`: the boot to go on with. Numbers stay; by default they begin anew. */
  readonly onBootReused?: () => string;
  readonly firmware?: string;
  readonly profile?: string;
  /** What the device can do beyond `reconnect`; `command` and `config` come with their callbacks. */
  readonly caps?: readonly Cap[];
  /** Longest frame from the hub to accept, in bytes; 64 KiB by default. */
  readonly rxMaxBytes?: number;
  /** Unacked messages to keep; 10,000 by default. */
  readonly maxBuffered?: number;
  /** At `maxBuffered`, `send` throws `buffer_full` (default), or the oldest message is dropped and counted. */
  readonly whenFull?: 'refuse' | 'drop_oldest';
  /** Milliseconds since the device booted, told to the hub at each connection. */
  readonly uptime?: () => number;
  /** Longest time between two connections, where the device sleeps: the hub does not call it offline then. */
  readonly sleepMs?: number;
  /** Version of the configuration that the device runs, where it keeps it over restarts. */
  readonly configVersion?: number;
  /**
   * Executes a command and says how it ended; a thrown error is an `error` with code `failed`. `accept` tells
   * the hub that it was started and the end follows. Never called twice for one command.
   */
  readonly onCommand?: (command: Command, accept: () => void) => CommandAnswer | Promise<CommandAnswer>;
  /**
   * Commands that the hub repeats (`again`) and nobody remembers go to `onCommand`, too, which must not execute them.
   * By default they are answered with `unknown_id`.
   */
  readonly passAgain?: boolean;
  /**
   * Applies a desired configuration and returns what is reported back; a thrown error refuses it, but for
   * `ConfigUnanswered`, after which nothing is reported and it is called again half a minute later. One call at a time;
   * of those that come meanwhile only the newest is applied.
   */
  readonly onConfig?: (
    desired: Readonly<Record<string, unknown>>,
    version: number,
  ) => Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>;
  /**
   * Called for every acked message, with the time since it was first written to a socket; null for one that this uplink
   * has not written, because the hub has it from an earlier start. Keep it short.
   */
  readonly onAcked?: (seq: number, latencyMs: number | null) => void;
  /** Waits before reconnects until a hub has said its own; 1 s to 60 s by default. */
  readonly reconnect?: ReconnectRange;
  /** How long a connection may take until `welcome`; 10 s by default. */
  readonly connectTimeoutMs?: number;
  readonly clock?: UplinkClock;
  readonly random?: () => number;
  /** The WebSocket class to connect with; that of `ws` by default. */
  readonly WebSocket?: typeof WebSocket;
}

/** Counters of an uplink since it was made, and its state now. */
export interface UplinkStats {
  readonly state: UplinkState;
  /** Messages that got a number. */
  readonly sent: number;
  readonly acked: number;
  /** `reject` messages received. */
  readonly rejected: number;
  /** Messages that an `error` answered. */
  readonly refused: number;
  /** Writes of messages that had been written before. */
  readonly resent: number;
  /** Unacked messages now. */
  readonly buffered: number;
  /** Of those, written to this connection. */
  readonly inFlight: number;
  /** Unacked messages given up: the buffer was full, or the hub takes no frame that long. */
  readonly dropped: number;
  /** Best-effort readings that were written. */
  readonly bestEffort: number;
  /** Best-effort readings that were not: no connection, or a slow one. */
  readonly bestEffortDropped: number;
  /** Connections that were welcomed. */
  readonly connections: number;
}

export type UplinkState = 'idle' | 'connecting' | 'online' | 'waiting' | 'closed';

/** Why the connection ended, and when the next attempt comes. */
export interface UplinkDisconnect {
  /** WebSocket close code; 1006 where none came. */
  readonly code: number;
  /** HTTP status of a refused upgrade. */
  readonly status?: number;
  readonly reason: string;
  /** Null after `close()`. */
  readonly retryInMs: number | null;
}

export const systemClock: UplinkClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** Options with every default filled in. */
export function withDefaults(options: UplinkOptions) {
  return {
    ...options,
    url: deviceSocketUrl(options.url),
    authorization: authorizationOf(options.device, checkToken(options.token), options.isNamed === true),
    wire: WIRES[options.encoding ?? 'json'],
    maxBuffered: options.maxBuffered ?? 10_000,
    whenFull: options.whenFull ?? 'refuse',
    rxMaxBytes: options.rxMaxBytes ?? 65_536,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    reconnect: options.reconnect ?? { minMs: 1_000, maxMs: 60_000 },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    WebSocket: options.WebSocket ?? WebSocket,
    caps: capsOf(options),
  };
}
export type UplinkSettings = ReturnType<typeof withDefaults>;

/** A name for a start of a device: 64 random bits. */
export function randomBoot(): string {
  return randomBytes(8).toString('hex');
}

/** The waits that a `welcome` asks for. */
export function rangeOf(welcome: Welcome): ReconnectRange {
  const [minMs, maxMs] = welcome.reconnect;
  return { minMs, maxMs: Math.max(minMs, maxMs) };
}

function capsOf(options: UplinkOptions): Cap[] {
  const caps = new Set<Cap>(['reconnect', ...(options.caps ?? [])]);
  if (options.onCommand !== undefined) caps.add('command');
  if (options.onConfig !== undefined) caps.add('config');
  return [...caps];
}

/** @throws TypeError when it is no address of a hub */
function deviceSocketUrl(text: string): string {
  const url = new URL(text);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new TypeError(`url: http, https, ws or wss expected, got ${url.protocol}`);
  }
  if (url.pathname === '/') url.pathname = '/ws/v1/device';
  url.hash = ''; // RFC 6455 §3
  return url.href;
}

/** Protocol §1 "Authentication", 1 and 2. */
function authorizationOf(device: string, token: string | undefined, isNamed: boolean): string | undefined {
  if (token === undefined) return undefined;
  if (!isNamed) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${device}:${token}`).toString('base64')}`;
}

/** @throws TypeError when a token does not fit into a header */
function checkToken(token: string | undefined): string | undefined {
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError('token: printable ASCII without spaces expected');
  }
  return token;
}
