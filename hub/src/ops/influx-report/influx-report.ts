import type { FastifyBaseLogger } from 'fastify';
import { type AlarmChange, isNews } from '../../alarms/alarm-change.js';
import type { Command } from '../../commands/command.js';
import type { Device } from '../../devices/device.js';
import type { PresenceChange } from '../../devices/presence.js';
import type { WriteClient } from '../../sinks/influx/write-client.js';
import { CommandLines, microsecondOf } from './command-report.js';
import { deviceLine, Turns } from './device-report.js';
import {
  alarmEvent,
  contradictedEvent,
  type DeviceEvent,
  eventLine,
  presenceEvent,
  rebootEvent,
} from './event-report.js';
import { type HubLook, type HubSources, hubLine, lookAtHub, rejectLines, sinkLines } from './hub-report.js';

export interface InfluxReportOptions extends HubSources {
  readonly client: Pick<WriteClient, 'write' | 'close'>;
  readonly devices: { all(): Iterable<Device> };
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  /** ms since 1970. */
  readonly now: () => number;
  readonly everyMs: number;
  /** So many devices at a time; 500. */
  readonly devicesAtOnce?: number;
  /** So many commands and events wait for InfluxDB at the most, of each the newest; 1,000. */
  readonly mostWaiting?: number;
}

const DEVICES_AT_ONCE = 500;
const MOST_WAITING = 1_000;
/** What was seen last may be written while the hub stops. */
const CLOSE_MS = 1_000;

/**
 * Writes into InfluxDB how the hub, its sinks, devices and commands do, for boards that look at both. Best effort:
 * nothing waits for it, and while InfluxDB is away it is not made up for. Readings are none of it.
 */
export class InfluxReport {
  /** Commands and events that were dropped because InfluxDB was away for too long. */
  dropped = 0;
  readonly #options: InfluxReportOptions;
  readonly #turns: Turns;
  readonly #commandLines = new CommandLines();
  /** By what they would overwrite in InfluxDB: id of a command, number of an event. */
  #waiting = new Map<string, string>();
  #events = 0;
  #before: HubLook | null = null;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | null = null;
  #trouble: string | null = null;

  constructor(options: InfluxReportOptions) {
    this.#options = options;
    this.#turns = new Turns(options.devicesAtOnce ?? DEVICES_AT_ONCE);
  }

  open(): void {
    this.#timer = setInterval(() => void this.write(), this.#options.everyMs);
    this.#timer.unref();
  }

  command(command: Command): void {
    this.#wait(command.id, this.#commandLines.line(command));
    const found = contradictedEvent(command);
    // Told again, it is the same event.
    if (found !== null) this.#wait(`contradicted ${command.id}`, eventLine(found, microsecondOf(command.id)));
  }

  presence(change: PresenceChange): void {
    this.#event(presenceEvent(change));
  }

  reboot(device: Device, boot: string): void {
    this.#event(rebootEvent(device.id, boot, this.#options.now()));
  }

  alarm(change: AlarmChange): void {
    if (isNews(change)) this.#event(alarmEvent(change));
  }

  /** Writes how things are now, unless it is still being written how they were. Never throws. */
  write(timeoutMs?: number): Promise<void> {
    this.#underWay ??= this.#write(timeoutMs).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // A write that is under way may hang for as long as InfluxDB does.
    const isFree = this.#trouble === null && this.#underWay === null;
    if (isFree && this.#waiting.size > 0) await this.write(CLOSE_MS);
    this.#options.client.close();
    await this.#underWay;
  }

  #event(event: DeviceEvent | null): void {
    if (event === null) return;
    const count = this.#events++;
    this.#wait(`event ${count}`, eventLine(event, count));
  }

  #wait(key: string, line: string | undefined): void {
    if (line === undefined) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, line);
    const most = this.#options.mostWaiting ?? MOST_WAITING;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= most) break;
      this.#waiting.delete(oldest);
      this.dropped++;
    }
  }

  async #write(timeoutMs?: number): Promise<void> {
    const waiting = this.#waiting;
    try {
      const lines = [...(await this.#lines()), ...waiting.values()];
      this.#waiting = new Map();
      const signal = timeoutMs === undefined ? new AbortController().signal : AbortSignal.timeout(timeoutMs);
      const { status, body } = await this.#options.client.write(
        Buffer.from(lines.join('\n')),
        undefined,
        signal,
      );
      if (status >= 200 && status < 300) return this.#recovered();
      // Sent again, it would be refused again; but for a database that is not made yet.
      if (status !== 400 && status !== 413 && status !== 422) this.#putBack(waiting);
      this.#failed(`InfluxDB answered ${status}: ${body.slice(0, 200)}`);
    } catch (error) {
      this.#putBack(waiting);
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  async #lines(): Promise<string[]> {
    const { devices, now } = this.#options;
    const look = await lookAtHub(this.#options);
    const at = now();
    const lines = [
      hubLine(this.#options, look, this.#before ?? look, at),
      ...rejectLines(this.#options, at),
      ...sinkLines(this.#options, at),
      ...this.#turns.take([...devices.all()]).map((device) => deviceLine(device, at)),
    ];
    this.#before = look;
    return lines.filter((line) => line !== undefined);
  }

  /** What waited then waits before what came since. */
  #putBack(waiting: ReadonlyMap<string, string>): void {
    const since = this.#waiting;
    this.#waiting = new Map();
    for (const [key, line] of [...waiting, ...since]) this.#wait(key, line);
  }

  #failed(reason: string): void {
    if (this.#trouble === null) {
      this.#options.log.warn(
        { reason },
        'how the hub does cannot be written to InfluxDB; readings wait in the journal',
      );
    }
    this.#trouble = reason;
  }

  #recovered(): void {
    if (this.#trouble !== null) this.#options.log.info({}, 'how the hub does is written to InfluxDB again');
    this.#trouble = null;
  }
}
