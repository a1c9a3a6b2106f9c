import { setTimeout as delay } from 'node:timers/promises';
import type { LiveMessage, Subscribe } from '@fieldline/protocol';
import { WebSocket } from 'ws';
import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT } from './exit-codes.js';
import { notAHub } from './hub-client.js';

export interface FollowOptions {
  readonly connection: Connection;
  readonly subscription: Omit<Subscribe, 'type' | 'id'>;
  /** Ends the following; the promise then resolves. */
  readonly signal: AbortSignal;
  onMessage(message: LiveMessage): void;
  /** Told when the connection is lost and when it is back. */
  onNote(note: string): void;
  /** Waits before the next attempt; replaced in tests. */
  wait?(ms: number, signal: AbortSignal): Promise<void>;
}

const RETRY_MS = { first: 500, most: 10_000 };
/** The hub pings every 20 s by default; three missed ones are a dead connection, whatever TCP believes. */
const SILENCE_MS = 65_000;

/**
 * Subscribes to the live socket and follows it until `signal`, connecting anew whenever the connection ends.
 * Updates between two connections are not seen: they are in the history.
 * @throws CliError when the hub refuses the token or the subscription, or it is no hub: trying again would not help
 */
export async function followLive(options: FollowOptions): Promise<void> {
  const { signal, onNote } = options;
  const wait = options.wait ?? ((ms, stop) => delay(ms, undefined, { signal: stop }));
  let retryMs = RETRY_MS.first;
  while (!signal.aborted) {
    const { opened, reason } = await followOnce(options);
    if (signal.aborted) return;
    if (opened) retryMs = RETRY_MS.first;
    onNote(`The connection to the hub ended (${reason}). Trying again…`);
    // Half of the wait is random, so that viewers do not come back in step.
    await wait(retryMs * (0.5 + Math.random() / 2), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    retryMs = Math.min(retryMs * 2, RETRY_MS.most);
  }
}

async function followOnce(options: FollowOptions): Promise<{ opened: boolean; reason: string }> {
  const { connection, signal } = options;
  const socket = new WebSocket(`${connection.url.replace(/^http/, 'ws')}/ws/v1/live`, {
    headers: connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` },
    handshakeTimeout: 10_000,
    perMessageDeflate: false,
  });
  let opened = false;
  let failure: Error | undefined;
  const silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  const stop = () => socket.terminate();
  signal.addEventListener('abort', stop);
  socket.on('error', (error) => {
    failure ??= error;
  });
  socket.on('unexpected-response', (_request, response) => {
    failure = refusal(response.statusCode ?? 0, connection);
    socket.terminate();
  });
  socket.on('open', () => {
    opened = true;
    socket.send(JSON.stringify({ type: 'subscribe', id: 1, ...options.subscription }));
  });
  socket.on('ping', () => silence.refresh());
  socket.on('message', (data) => {
    silence.refresh();
    try {
      deliver(JSON.parse(String(data)) as LiveMessage, options);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      socket.terminate();
    }
  });
  const code = await new Promise<number>((resolve) => socket.once('close', resolve));
  clearTimeout(silence);
  signal.removeEventListener('abort', stop);
  if (failure instanceof CliError) throw failure;
  if (code === 4401) throw refusal(401, connection);
  return { opened, reason: failure?.message ?? `code ${code}` };
}

/** The hub's messages are trusted to be what protocol §2 says; those that are unknown are passed over. */
function deliver(message: LiveMessage, options: FollowOptions): void {
  if (message.type === 'error') {
    throw new CliError(`The hub refused the subscription: ${message.message} (${message.code})`);
  }
  options.onMessage(message);
}

function refusal(status: number, { url, tokenSource }: Connection): CliError | Error {
  if (status === 401 || status === 403) {
    return new CliError(`The hub refused the token from ${tokenSource}.`, { exitCode: EXIT.unauthorised });
  }
  // Those who are busy, or whose hub is just being started behind them, may be asked again.
  return status >= 500 || status === 429 ? new Error(`HTTP ${status} from ${url}`) : notAHub(url);
}
