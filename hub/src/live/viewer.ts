import { CLOSE, ProtocolError, parseJson, type Role, type ViewerErrorCode } from '@fieldline/protocol';
import type { RawData, WebSocket } from 'ws';
import type { DeviceDirectory } from '../devices/directory.js';
import { FieldlineError } from '../errors.js';
import type { Audience } from './audience.js';
import type { Audiences } from './audiences.js';
import { errorFrame, type Frame } from './frames.js';
import type { Interest } from './lane.js';
import type { LiveLimits } from './limits.js';
import type { Outbox } from './outbox.js';
import { Snapshot } from './snapshot.js';
import { parseSubscription, parseSubscriptionId, type Subscription } from './subscription.js';

/** Who is looking. */
export interface ViewerPrincipal {
  readonly id: string;
  readonly role: Role;
  /** Of a log-in: the user or the API token that it was made from. */
  readonly grantedBy?: string;
}

export interface ViewerParts {
  readonly socket: WebSocket;
  readonly principal: ViewerPrincipal;
  readonly outbox: Outbox;
  readonly audiences: Audiences;
  readonly directory: DeviceDirectory;
  readonly limits: LiveLimits;
  readonly onFault: (error: unknown) => void;
  readonly onClosed: (viewer: Viewer) => void;
}

/** One viewer's socket: its subscriptions, its heartbeat, its end. */
export class Viewer {
  readonly principal: ViewerPrincipal;
  readonly #parts: ViewerParts;
  readonly #subscriptions = new Map<number, Subscription>();
  #audience: Audience | undefined;
  #alive = true;
  #closing: NodeJS.Timeout | undefined;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
    this.principal = parts.principal;
  }

  open(): void {
    const { socket } = this.#parts;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    // A broken connection is told of by `close` as well.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(this.#closing);
      this.#detach();
      this.#parts.onClosed(this);
    });
  }

  update(frame: Frame, rows: number, dirty: readonly Interest[], since: number): void {
    this.#parts.outbox.update(frame, rows, dirty, since);
  }

  status(device: string, frame: Frame): void {
    this.#parts.outbox.status(device, frame);
  }

  event(frame: Frame): void {
    this.#parts.outbox.event(frame);
  }

  /**
   * Asks for a sign of life, or drops the connection if the last ping got none. On a slow connection the ping
   * waits behind other frames: as long as those move, the peer is alive.
   */
  ping(): void {
    const { socket, outbox } = this.#parts;
    if (!outbox.takeMoved() && !this.#alive) {
      socket.terminate();
      return;
    }
    this.#alive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  /** Closes the connection if it has held too much unsent for too long. */
  checkOverrun(nowMs: number): void {
    if (this.#parts.outbox.isOverrun(nowMs)) this.close(CLOSE.tryLater, 'too slow');
  }

  /** Says why, and closes a connection that there is no room for. */
  refuse(code: ViewerErrorCode, message: string): void {
    this.#parts.socket.send(errorFrame(undefined, code, message));
    this.close(CLOSE.tryLater, message);
  }

  /** Sends nothing any more; a peer that does not answer the close is cut off. */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined) return;
    const { socket, limits } = this.#parts;
    this.#detach();
    socket.close(code, reason);
    this.#closing = setTimeout(() => socket.terminate(), limits.closeMs);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing !== undefined) return;
    this.#alive = true;
    const { limits, outbox, onFault } = this.#parts;
    let id: number | undefined;
    try {
      const bytes = toBuffer(data);
      if (bytes.length > limits.messageBytes) {
        this.close(CLOSE.tooLarge, `at most ${limits.messageBytes} bytes`);
        return;
      }
      if (isBinary) throw new ProtocolError('malformed', 'a text frame is needed');
      const message = asRecord(parseJson(bytes));
      if (Number.isSafeInteger(message.id)) id = message.id as number;
      this.#handle(message);
    } catch (error) {
      if (error instanceof FieldlineError || error instanceof ProtocolError) {
        outbox.answer(errorFrame(id, error.code, error.message));
      } else {
        onFault(error);
        this.close(CLOSE.internal, 'internal error');
      }
    }
  }

  #handle(message: Readonly<Record<string, unknown>>): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(parseSubscription(message));
        return;
      case 'unsubscribe':
        this.#unsubscribe(parseSubscriptionId(message));
        return;
      default:
        throw new FieldlineError('unknown_type', 'type: subscribe or unsubscribe is needed');
    }
  }

  #subscribe(subscription: Subscription): void {
    const { directory, limits, outbox } = this.#parts;
    if (subscription.what.has('raw') && this.principal.role === 'viewer') {
      throw new FieldlineError('bad_subscription', 'what: raw is for operators');
    }
    const isNew = !this.#subscriptions.has(subscription.id);
    if (isNew && this.#subscriptions.size >= limits.subscriptionsPerViewer) {
      throw new FieldlineError(
        'bad_subscription',
        `at most ${limits.subscriptionsPerViewer} subscriptions; unsubscribe from one first`,
      );
    }
    this.#subscriptions.set(subscription.id, subscription);
    // The stream and the snapshot start here, with nothing between them.
    this.#changeAudience();
    outbox.snapshot(new Snapshot(subscription, directory, limits));
  }

  #unsubscribe(id: number): void {
    if (!this.#subscriptions.delete(id)) {
      throw new FieldlineError('bad_subscription', `id: there is no subscription ${id}`);
    }
    this.#parts.outbox.cancelSnapshot(id);
    this.#changeAudience();
  }

  /** Goes to those who ask for the same as this viewer does now, and takes along what it has yet to be sent. */
  #changeAudience(): void {
    const { audiences, outbox } = this.#parts;
    const before = this.#audience;
    const wanted = [...this.#subscriptions.values()];
    const after = wanted.length === 0 ? undefined : audiences.join(this, wanted);
    if (after === before) return;
    this.#audience = after;
    const unsent = [...outbox.takeOwed()];
    if (before !== undefined) {
      for (const lane of before.lanes) {
        for (const interest of lane.dirty) unsent.push([interest, lane.sentVersion]);
      }
    }
    for (const [{ track }, since] of unsent) {
      for (const interest of after === undefined ? [] : audiences.track(track.device).interests) {
        if (interest.lane.audience === after) outbox.owe(interest, since);
      }
    }
    if (before !== undefined) audiences.leave(this, before);
    outbox.settle();
  }

  #detach(): void {
    const { audiences, outbox } = this.#parts;
    this.#subscriptions.clear();
    if (this.#audience !== undefined) audiences.leave(this, this.#audience);
    this.#audience = undefined;
    outbox.abandon();
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new ProtocolError('malformed', 'a JSON object is needed');
}

function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
