import { randomBytes } from 'node:crypto';
import { type DecodedFrame, decodeDeviceFrame, type Hello, LIMITS, type LogLine } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { takeHello } from '../devices/hello.js';
import { errorMessage, timeMessage, welcomeMessage } from '../devices/messages.js';
import type { SessionContext } from '../devices/session-context.js';
import { visibleText } from '../devices/visible-text.js';
import type { Complaints } from './complaints.js';
import { type Down, DownLink } from './down-link.js';
import type { DownLinks } from './down-links.js';
import type { Inbox } from './inbox.js';
import { pauseUntil } from './pause-until.js';
import { showPayload } from './show-payload.js';
import type { TakeUp, UpSender } from './transport.js';

export interface UpInboxOptions {
  readonly context: SessionContext;
  readonly devices: { get(id: string): Device | undefined };
  readonly inbox: Pick<Inbox, 'take' | 'sync'>;
  readonly down: Down;
  readonly links: DownLinks;
  readonly complaints: Complaints;
}

/** What could not be made durable is tried again after this. */
const RETRY_MS = 1_000;
/**
 * `…/devices/<id>/up`: what a device socket takes, from devices that speak MQTT only (protocol §4). Each is confirmed
 * when what it says is durable. Telemetry is taken as under `…/ingest/<id>`.
 */
export class UpInbox {
  readonly #options: UpInboxOptions;
  readonly #stop = new AbortController();

  constructor(options: UpInboxOptions) {
    this.#options = options;
  }

  /** See {@link TakeUp}. */
  readonly take: TakeUp = async (id, payload, sender) => {
    const { context, devices, inbox } = this.#options;
    const device = devices.get(id);
    const isFit =
      device !== undefined && !device.record.disabled && payload.length <= context.config.device.frameBytes;
    const frame = isFit ? decodeDeviceFrame(payload) : null;
    if (frame === null || device === undefined || frame.kind === 'telemetry' || frame.kind === 'reading') {
      await inbox.take(id, payload, sender.signal);
      return;
    }
    const nowMs = context.now();
    device.lastSeen = nowMs;
    showPayload(context.live, device.id, payload, nowMs);
    // It is taken at once; whoever sends too fast waits the longer for the confirmation.
    const waitMs = device.rateLimit(context.config, nowMs).take(nowMs);
    await this.#dispatch(device, frame, payload, nowMs, sender);
    if (waitMs > 0) await pauseUntil(waitMs, sender.signal, this.#stop.signal);
  };

  /** Lets go of all that is held: it is not confirmed, and comes again. */
  stop(): void {
    this.#stop.abort();
  }

  async #dispatch(
    device: Device,
    frame: Exclude<DecodedFrame, { kind: 'telemetry' | 'reading' }>,
    payload: Buffer,
    nowMs: number,
    sender: UpSender,
  ): Promise<void> {
    const { context, inbox, links, complaints } = this.#options;
    const { commands, configs } = context;
    switch (frame.kind) {
      case 'hello':
        this.#greet(device, frame.message, nowMs, sender);
        break;
      case 'result':
        await this.#insist(() => commands.answered(device.id, frame.message), sender);
        break;
      case 'config':
        await this.#insist(() => configs.reported(device, frame.message), sender);
        break;
      case 'log':
        this.#logLine(device, frame.message, nowMs);
        await inbox.sync(device, sender.signal);
        break;
      case 'time': {
        const boot = links.get(device.id)?.boot ?? null;
        const { uptime } = frame.message;
        if (boot !== null) context.ingest.boot(device, boot).clock.observe(uptime, nowMs);
        this.#options.down.send(device, timeMessage(uptime, nowMs));
        break;
      }
      case 'malformed': {
        const raw = visibleText(payload, LIMITS.rawFrameBytes);
        context.refuseFrame(device, 'mqtt', raw, frame.message, nowMs);
        complaints.of(device).malformed(frame.message, frame.seq);
        await inbox.sync(device, sender.signal);
        break;
      }
      case 'unknown_type':
        complaints.of(device).unknownType(frame.type, frame.seq);
        break;
    }
  }

  #greet(device: Device, hello: Hello, nowMs: number, { end, isRepeated }: UpSender): void {
    const { context, down, links } = this.#options;
    const { config } = context;
    const introduction = takeHello(context, device, hello, nowMs, isRepeated);
    const rxMaxBytes = hello.rxMax ?? LIMITS.rxMaxBytes;
    if ('refusal' in introduction) {
      down.send(
        device,
        errorMessage('boot_reused', introduction.refusal, { fatal: true }, { maxBytes: rxMaxBytes }),
      );
      return;
    }
    if (end.aborted) return; // what a device leaves behind when it goes reaches nobody
    const { boot, acked } = introduction;
    const link = new DownLink(down, device, { boot, caps: new Set(hello.caps), rxMaxBytes });
    links.add(link, end);
    link.sendFrame(
      welcomeMessage({
        session: randomBytes(6).toString('hex'),
        time: nowMs,
        ack: acked,
        // It is the confirmations that hold it back; no `window` will follow.
        window: config.device.window,
        maxFrame: config.device.frameBytes,
        heartbeat: config.device.heartbeatMs,
        reconnect: [1_000, 60_000],
        config: device.config.version,
      }),
    );
    context.configs.welcomed(device, link, hello.config);
    context.commands.welcomed(device.id, link);
  }

  /** Goes on until it is durable, and so confirmed. */
  async #insist(make: () => boolean, { signal }: UpSender): Promise<void> {
    while (!make()) {
      await pauseUntil(RETRY_MS, signal, this.#stop.signal);
      if (signal.aborted || this.#stop.signal.aborted) throw new Error('let go of while it was held');
    }
  }

  #logLine(device: Device, { level = 'info', message }: LogLine, nowMs: number): void {
    const { deviceLog, live } = this.#options.context;
    const entry = { device: device.id, at: nowMs, level, message };
    deviceLog.add(entry);
    live.log(entry);
  }
}
