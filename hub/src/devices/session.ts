import { randomBytes } from 'node:crypto';
import {
  type Cap,
  CLOSE,
  type CloseCode,
  type DecodedFrame,
  type DecodedTelemetry,
  type DeviceErrorCode,
  type Hello,
  LIMITS,
  type LogLine,
} from '@fieldline/protocol';
import type { CommandLink } from '../commands/link.js';
import type { Device } from './device.js';
import { type DeviceSocket, needsBye, PAUSE } from './device-socket.js';
import { takeHello } from './hello.js';
import { MalformedLimit } from './malformed-limit.js';
import {
  byeMessage,
  type ErrorDetails,
  errorMessage,
  RETRY_AFTER_MS,
  timeMessage,
  welcomeMessage,
} from './messages.js';
import { Acks } from './session-acks.js';
import type { SessionContext } from './session-context.js';
import { Intake } from './session-intake.js';
import { Output } from './session-output.js';

/** Of a frame, viewers of `raw` see so much. */
const SHOWN_BYTES = 4_096;

type RareFrame = Exclude<DecodedFrame, { kind: 'telemetry' | 'reading' | 'log' }>;

/**
 * One authenticated connection of a device (protocol §1): who it is, its life from `hello` to its end, and what
 * becomes of each message. What it reads when, what it sends, and what it owes are its parts.
 */
export class Session implements CommandLink {
  readonly id = randomBytes(6).toString('hex');
  readonly device: Device;
  /** The token that it authenticated with: revoking it ends the session. Null with a client certificate. */
  readonly tokenId: string | null;
  readonly socket: DeviceSocket;
  readonly address: string;
  readonly intake: Intake;
  readonly output: Output;
  readonly acks: Acks;
  lastPingMs: number;
  /** The boot that its `hello` named; null before, or without one. */
  boot: string | null = null;
  /** What its `hello` declared that it can. */
  caps: ReadonlySet<Cap> = new Set();
  /** Why it ended, in one word, where the hub ended it. */
  endReason: string | null = null;

  private readonly context: SessionContext;
  /** Frames that came while an older session was being ended; null from `start` on. */
  private held: Buffer[] | null = [];
  private readonly malformedLimit = new MalformedLimit();

  constructor(
    context: SessionContext,
    device: Device,
    tokenId: string | null,
    socket: DeviceSocket,
    address: string,
  ) {
    this.context = context;
    this.device = device;
    this.tokenId = tokenId;
    this.socket = socket;
    this.address = address;
    this.intake = new Intake(context, device, socket);
    this.output = new Output(context, device, socket, this.intake);
    this.acks = new Acks(context, device, this.output, this.intake);
    this.lastPingMs = this.intake.lastHeardMs;
  }

  /** Whether the device said that it comes back after a clean close. */
  private get reconnects(): boolean {
    return this.caps.has('reconnect');
  }

  get rxMaxBytes(): number {
    return this.output.rxMaxBytes;
  }

  get isOpen(): boolean {
    return !this.output.hasEnded && this.socket.isOpen;
  }

  /** The older session is gone: what was held is taken now. */
  start(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const frame of held) this.receive(frame);
    this.socket.resume(PAUSE.takeover);
  }

  /** Takes a frame. Never throws: what fails here ends this connection, not the hub. */
  receive(data: Buffer): void {
    if (this.output.hasEnded) return;
    if (this.held) {
      this.held.push(data);
      return;
    }
    try {
      this.handle(data);
    } catch (error) {
      this.context.log.error({ err: error, device: this.device.id }, 'a message could not be handled');
      this.end(CLOSE.internal, 'internal', 'the hub failed on this message');
    }
  }

  private handle(data: Buffer): void {
    const nowMs = this.context.now();
    this.intake.lastHeardMs = nowMs;
    this.device.lastSeen = nowMs;
    const { live, config } = this.context;
    if (live.wantsRaw(this.device.id)) {
      const frame = this.socket.wire.show(data, SHOWN_BYTES);
      const bytes = data.length;
      live.raw({ device: this.device.id, direction: 'in', frame, bytes, via: 'ws', at: nowMs });
    }
    if (data.length > config.device.frameBytes) {
      const most = config.device.frameBytes;
      this.end(CLOSE.tooLarge, 'too_large', `a frame has at most ${most} bytes, got ${data.length}`);
      return;
    }
    this.dispatch(this.socket.wire.decode(data), data, nowMs);
    this.context.flow.note(this.intake);
  }

  private dispatch(frame: DecodedFrame, data: Buffer, nowMs: number): void {
    switch (frame.kind) {
      case 'telemetry':
        this.telemetry(frame.message, nowMs);
        break;
      case 'reading':
        if (this.intake.hasRoom(nowMs)) this.context.ingest.bare(this.device, 'ws', frame.values, nowMs);
        break;
      case 'log':
        if (this.intake.hasRoom(nowMs)) this.logLine(frame.message, nowMs);
        break;
      default:
        this.intake.throttle(nowMs);
        this.dispatchRare(frame, data, nowMs);
    }
  }

  private dispatchRare(frame: RareFrame, data: Buffer, nowMs: number): void {
    switch (frame.kind) {
      case 'hello':
        this.greet(frame.message, nowMs);
        break;
      case 'time':
        this.clockOf(this.boot)?.observe(frame.message.uptime, nowMs);
        this.output.send(timeMessage(frame.message.uptime, nowMs));
        break;
      case 'malformed':
        this.malformed(frame.message, frame.seq, data, nowMs);
        break;
      case 'unknown_type':
        if (frame.seq !== undefined) this.answered(frame.seq, data);
        this.output.error('unknown_type', `no message is called ${frame.type}`, { seq: frame.seq });
        break;
      case 'result':
        this.context.commands.answered(this.device.id, frame.message);
        break;
      case 'config':
        this.context.configs.reported(this.device, frame.message);
        break;
    }
  }

  private telemetry(message: DecodedTelemetry, nowMs: number): void {
    const isNumbered = message.seq !== undefined && (message.boot ?? this.boot) !== null;
    if (isNumbered) this.intake.throttle(nowMs);
    else if (!this.intake.hasRoom(nowMs)) return;
    const outcome = this.context.ingest.telemetry(this.device, this.acks, 'ws', message, this.boot, nowMs);
    for (const reject of outcome.rejects ?? []) this.output.reject(reject, message.seq);
    if (isNumbered && outcome.kind === 'accepted') this.acks.owe();
  }

  private greet(hello: Hello, nowMs: number): void {
    const { context, device } = this;
    const introduction = takeHello(context, device, hello, nowMs);
    if ('refusal' in introduction) {
      this.end(CLOSE.malformed, 'boot_reused', introduction.refusal);
      return;
    }
    this.caps = new Set(hello.caps);
    this.output.rxMaxBytes = hello.rxMax ?? LIMITS.rxMaxBytes;
    this.boot = introduction.boot;
    this.output.send(
      welcomeMessage({
        session: this.id,
        time: nowMs,
        ack: introduction.acked,
        window: this.acks.firstWindow(),
        maxFrame: context.config.device.frameBytes,
        heartbeat: context.config.device.heartbeatMs,
        reconnect: [1_000, 60_000],
        config: device.config.version,
      }),
    );
    context.configs.welcomed(device, this, hello.config);
    context.commands.welcomed(device.id, this);
  }

  lengthOf(text: string): number {
    return this.socket.wire.lengthOf(text);
  }

  /** Sends a command, or what else comes from elsewhere in the hub. */
  sendFrame(text: string): void {
    this.output.send(text);
  }

  private clockOf(boot: string | null) {
    return boot === null ? undefined : this.context.ingest.boot(this.device, boot).clock;
  }

  private malformed(reason: string, seq: number | undefined, data: Buffer, nowMs: number): void {
    const raw = this.socket.wire.show(data, LIMITS.rawFrameBytes);
    this.context.refuseFrame(this.device, 'ws', raw, reason, nowMs);
    if (seq !== undefined) this.answered(seq, data);
    if (this.malformedLimit.count(nowMs)) this.end(CLOSE.malformed, 'malformed', reason, { seq });
    else this.output.error('malformed', reason, { seq });
  }

  private answered(seq: number, data: Buffer): void {
    // The number may be one of another boot, which cannot be told from a broken text.
    if (this.socket.wire.mayNameOther(data, this.boot)) return;
    const before = this.context.commit.unsynced;
    this.context.ingest.answered(this.device, this.acks, this.boot, seq);
    if (this.context.commit.unsynced > before) this.acks.owe();
  }

  private logLine(line: LogLine, nowMs: number): void {
    const entry = { device: this.device.id, at: nowMs, level: line.level ?? 'info', message: line.message };
    this.context.deviceLog.add(entry);
    this.context.commit.touch();
    this.context.live.log(entry);
  }

  /** Ends the connection for a reason that the device is told. */
  end(code: CloseCode, error: DeviceErrorCode, message: string, details: ErrorDetails = {}): void {
    if (this.output.hasEnded) return;
    this.endReason = error;
    const last = [errorMessage(error, message, { ...details, fatal: true }, this.output.room)];
    if (needsBye(code, this.reconnects)) last.push(byeMessage(details.retryAfterMs ?? RETRY_AFTER_MS));
    this.output.end(code, last, this.reconnects);
  }

  /** Says goodbye: the device should come back after `retryAfterMs`. */
  bye(code: CloseCode, retryAfterMs: number): void {
    if (this.output.hasEnded) return;
    this.endReason = 'hub_stopping';
    this.output.end(code, [byeMessage(retryAfterMs)], this.reconnects);
  }

  /** A ping or a pong came. */
  heard(): void {
    this.intake.lastHeardMs = this.context.now();
    this.output.watchBacklog(); // pings are answered, too
  }

  /** The hub itself stood still: nobody is silent or late for that. */
  forgive(nowMs: number): void {
    this.lastPingMs = Math.min(this.lastPingMs, nowMs);
    this.intake.forgive(nowMs);
  }

  /** The connection broke; its close follows. */
  failed(message: string): void {
    this.context.log.debug({ device: this.device.id, reason: message }, 'device connection failed');
  }
}
