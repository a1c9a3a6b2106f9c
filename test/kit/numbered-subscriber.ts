import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { Progress } from './progress.js';

export interface SubscriberOptions {
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Its name at the broker, and in messages of failures. */
  readonly id?: string;
}

/** Numbers that had not come when a later one came. */
export interface Hole {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Debian's mosquitto_sub as a subscriber of all telemetry: QoS 1, a session that the broker keeps, and
 * connecting again for ever. It checks what numbered devices are promised on MQTT: every number at least once,
 * and the first time in order per device. Repeats are free to come.
 */
export class NumberedSubscriber {
  readonly progress: Progress;
  /** Numbers that were left out, in the order in which that was seen. */
  readonly holes: Hole[] = [];
  /** Messages that had come before. */
  repeats = 0;
  readonly #options: SubscriberOptions;
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #complaints = new LineReader();

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.progress = new Progress(this.#id);
  }

  /** Resolves when it is subscribed; the hub must be connected to the broker. */
  async start(): Promise<void> {
    const { port, username, password } = this.#options;
    const child = spawn('mosquitto_sub', [
      ...['-h', '127.0.0.1', '-p', String(port), '-i', this.#id, '-c', '-q', '1', '-F', '%t %p'],
      // The hub's retained status is the first thing that comes.
      ...['-t', 'fieldline/v1/hub/status', '-t', 'fieldline/v1/devices/+/telemetry'],
      ...(username === undefined ? [] : ['-u', username]),
      ...(password === undefined ? [] : ['-P', password]),
    ]);
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#child = child;
    this.#complaints = new LineReader(child.stderr);
    this.#exit = once(child, 'close').finally(() => process.off('exit', killWithUs));
    const subscribed = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('fieldline/v1/hub/status ')) resolve();
        else this.#take(line);
      });
    });
    await deadline(subscribed, () => `${this.#id} to be subscribed: ${this.#complaints.tail()}`);
  }

  /** Lets it read nothing until {@link thaw}; its connection stays. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  get #id(): string {
    return this.#options.id ?? 'subscriber';
  }

  #take(line: string): void {
    const [, device, payload] = /^fieldline\/v1\/devices\/([^/]+)\/telemetry (.*)$/.exec(line) ?? [];
    if (device === undefined || payload === undefined) return;
    const { n } = (JSON.parse(payload) as { values: { n: number } }).values;
    const newest = this.progress.at(device);
    if (n > newest + 1) this.holes.push({ device, from: newest + 1, to: n - 1 });
    if (n <= newest) this.repeats++;
    this.progress.see(device, n);
  }
}
