import { type CloseCode, type DeviceErrorCode, LIMITS } from '@fieldline/protocol';
import type { Reject } from '../ingest/rejects.js';
import type { Device } from './device.js';
import { BACKLOG_BYTES, type DeviceSocket, PAUSE } from './device-socket.js';
import { type ErrorDetails, errorMessage, type Room, rejectMessage } from './messages.js';
import type { SessionContext } from './session-context.js';
import type { Intake } from './session-intake.js';

/**
 * What a session sends: nothing longer than the device can take, nothing after the last word, and no more than
 * the device reads. Viewers of `raw` see all of it.
 */
export class Output {
  /** Longest frame that the device can take, bytes; as its `hello` said. */
  rxMaxBytes: number = LIMITS.rxMaxBytes;
  /** Whether the last word was said: nothing is sent or taken any more. */
  hasEnded = false;

  private readonly context: SessionContext;
  private readonly device: Device;
  private readonly socket: DeviceSocket;
  private readonly intake: Intake;

  constructor(context: SessionContext, device: Device, socket: DeviceSocket, intake: Intake) {
    this.context = context;
    this.device = device;
    this.socket = socket;
    this.intake = intake;
  }

  /** What the device can take. */
  get room(): Room {
    return { maxBytes: this.rxMaxBytes, lengthOf: this.socket.wire.lengthOf };
  }

  /** Sends a message, given as text. */
  send(text: string): void {
    if (this.hasEnded) return;
    this.tap(text);
    this.socket.send(text);
    this.watchBacklog();
  }

  /** Sends an ack, the cheap way: ASCII only (`DeviceSocket.sendShort`). */
  sendAck(text: string): void {
    if (this.hasEnded) return;
    this.tap(text);
    this.socket.sendShort(text);
    this.watchBacklog();
  }

  /** Says that a value was refused. `seq` is undefined where its message had no number. */
  reject(reject: Reject, seq: number | undefined): void {
    this.send(rejectMessage(reject, seq, this.room));
  }

  /** Says what is wrong with a message; the connection goes on. */
  error(code: DeviceErrorCode, message: string, details: ErrorDetails): void {
    this.send(errorMessage(code, message, details, this.room));
  }

  /** Says the last words, and ends the connection; `reconnects` as in `DeviceSocket.end`. */
  end(code: CloseCode, last: readonly string[], reconnects: boolean): void {
    this.hasEnded = true;
    for (const text of last) this.tap(text);
    this.socket.end(code, last, reconnects);
  }

  /** What a device does not read must not heap up: beyond 64 KiB the device is not read from either. */
  watchBacklog(): void {
    if (this.socket.unsentBytes > BACKLOG_BYTES) this.intake.hold(PAUSE.backlog);
  }

  /** Looks whether a device that did not read has caught up. */
  checkBacklog(): void {
    const hasCaughtUp = this.socket.isPausedFor(PAUSE.backlog) && this.socket.unsentBytes === 0;
    if (hasCaughtUp) this.intake.resume(PAUSE.backlog);
  }

  /** Shows to those who watch the wire what goes out. */
  private tap(frame: string): void {
    const { live } = this.context;
    if (!live.wantsRaw(this.device.id)) return;
    const bytes = this.socket.wire.lengthOf(frame);
    live.raw({ device: this.device.id, direction: 'out', frame, bytes, via: 'ws', at: this.context.now() });
  }
}
