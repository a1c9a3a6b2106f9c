import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** What it prints for each message, and the end of the line. */
const LINE_BYTES = 2;
const WITHIN_MS = 10_000;

/** `mosquitto_sub -q 1`, somebody else's client, printing one character a message: what is counted is bytes. */
export class Subscriber {
  readonly #child: ChildProcess;
  #bytes = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (data: Buffer) => {
      this.#bytes += data.length;
    });
  }

  /**
   * Subscribes to `<prefix>/+/telemetry` with QoS 1. Resolves once the subscription holds: a retained message
   * that was there before has come, and is not counted.
   */
  static async start(port: number, prefix: string): Promise<Subscriber> {
    const broker = ['-h', '127.0.0.1', '-p', String(port), '-q', '1'];
    execFileSync('mosquitto_pub', [...broker, '-r', '-t', `${prefix}/none/telemetry`, '-m', 'first']);
    const args = [...broker, '-t', `${prefix}/+/telemetry`, '-F', '.'];
    const child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('close', () => process.off('exit', killWithUs));
    const subscriber = new Subscriber(child);
    const deadlineMs = performance.now() + WITHIN_MS;
    while (subscriber.#bytes === 0) {
      if (performance.now() > deadlineMs) throw new Error('mosquitto_sub could not subscribe');
      await delay(10);
    }
    subscriber.#bytes -= LINE_BYTES;
    return subscriber;
  }

  /** Messages that have come so far, repeated ones included. */
  get messages(): number {
    return this.#bytes / LINE_BYTES;
  }

  /** Resolves once `count` messages have come, or none for a while. */
  async received(count: number): Promise<number> {
    for (let before = -1, still = 0; this.messages < count && still < 10; ) {
      still = this.messages === before ? still + 1 : 0;
      before = this.messages;
      await delay(500);
    }
    return this.messages;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
