import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import { loadConfig } from '../config.js';
import { Flow } from '../ingest/flow.js';
import { ingestOf } from '../ingest/ingest.fixture.js';
import { Load } from '../ingest/load.js';
import { AckQueue } from './ack-queue.js';
import type { Device } from './device.js';
import { DeviceSocket } from './device-socket.js';
import { Presence } from './presence.js';
import { Session } from './session.js';
import type { SessionContext } from './session-context.js';
import { Sessions } from './sessions.js';
import { wireOf } from './wire.js';

/** A WebSocket that notes what is done to it. */
export class NotingSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  closedWith: number | null = null;
  /** Whether TCP was ended without a close frame. */
  isCutOff = false;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  ping(): void {}
  close(code: number): void {
    this.closedWith = code;
    this.readyState = 2;
  }
  terminate(): void {
    this.readyState = 3;
  }

  /** What was sent, parsed. */
  get messages(): { type: string; [field: string]: unknown }[] {
    return this.sent.map((text) => JSON.parse(text));
  }
}

/** Sessions over a journal whose syncs end when the test says so, and a clock that it sets. */
export function sessionsOf(env: Record<string, string> = {}) {
  const parts = ingestOf();
  const flow = new Flow();
  const clock = { nowMs: Date.UTC(2026, 10, 20), canWrite: true };
  const statuses: [online: boolean, reason: string][] = [];
  const refused: string[] = [];
  const presence = new Presence(() => clock.nowMs);
  presence.onChange(({ online, reason }) => statuses.push([online, reason]));
  const context: SessionContext = {
    onTakeover: () => {},
    presence,
    configs: { welcomed: () => {}, reported: () => true, gone: () => {} },
    commands: { welcomed: () => {}, answered: () => true, gone: () => {} },
    config: loadConfig(env),
    ingest: parts.ingest,
    commit: parts.commit,
    flow,
    acks: new AckQueue(new Load(), 25),
    canWrite: () => clock.canWrite,
    counters: parts.counters,
    live: {
      log: () => {},
      wantsRaw: () => false,
      raw: () => {},
    },
    log: pino({ level: 'silent' }) as FastifyBaseLogger,
    deviceLog: { add: () => {} },
    now: () => clock.nowMs,
    touch: () => {},
    offerProfile: () => {},
    refuseFrame: (_device, _source, raw) => refused.push(raw),
  };
  const sessions = new Sessions(context);

  /** A connection of a device: say what it sends, look at what it gets. */
  const connect = (device: Device) => {
    const ws = new NotingSocket();
    // A short frame is written as it is on the wire: two bytes, then the text.
    const end = () => {
      ws.isCutOff = true;
    };
    const stream = { end, write: (frame: string) => ws.sent.push(frame.slice(2)) };
    const socket = new DeviceSocket(ws as unknown as WebSocket, stream as unknown as Duplex, wireOf(''));
    const session = new Session(context, device, 'token', socket, '127.0.0.1');
    const begun = sessions.begin(session);
    const send = (message: object | string) =>
      session.receive(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
    return { ws, session, begun, send };
  };
  /** Lets the journal's next write succeed, and what follows from it happen. */
  const sync = async () => {
    (await parts.journal.next()).succeed();
    await settled();
  };
  return { ...parts, flow, clock, statuses, refused, context, sessions, connect, sync };
}

/** Resolves when everything that is due at once has happened: promises, acks. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
