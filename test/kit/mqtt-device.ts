import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { requireTool } from './require-tool.js';

/** The Python that Debian's packages are for. */
const PYTHON = '/usr/bin/python3';

const SCRIPT = fileURLToPath(new URL('../clients/mqtt-device.py', import.meta.url));

/** Whether Python's paho is there; see {@link requireTool}. */
export function requirePaho(): boolean {
  return requireTool('paho', 'python3-paho-mqtt', [PYTHON, '-c', 'import paho.mqtt.client']);
}

export interface MqttDeviceOptions {
  /** The broker's, at 127.0.0.1. */
  readonly port: number;
  readonly id: string;
  /** The device's token, where the broker asks for one. */
  readonly token?: string;
  readonly boot: string;
}

/** A numbered device that speaks MQTT only: Eclipse Paho in a process of its own. */
export class MqttDevice {
  /** Numbers for which it had a PUBACK, in the order in which they came. */
  readonly acked: number[] = [];
  readonly #child: ChildProcess;
  readonly #output: LineReader;
  readonly #exit: Promise<number | null>;

  /** Sends the numbers from `first` to `last`. */
  constructor({ port, id, token, boot }: MqttDeviceOptions, first: number, last: number) {
    const credentials = token === undefined ? [] : [id, token];
    const args = [String(port), `fieldline/v1/ingest/${id}`, boot, String(first), String(last)];
    const child = spawn(PYTHON, [SCRIPT, ...args, ...credentials], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    void this.#output.find((line) => {
      const [, n] = /^acked (\d+)$/.exec(line) ?? [];
      if (n !== undefined) this.acked.push(Number(n));
      return undefined;
    });
    this.#exit = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves when it had so many PUBACKs. */
  async hasAcks(count: number): Promise<void> {
    const enough = this.#output.find(() => (this.acked.length >= count ? true : undefined));
    const ended = this.#exit.then(() => {
      if (this.acked.length < count) throw new Error(`the device ended: ${this.#output.tail()}`);
    });
    await deadline(Promise.race([enough, ended]), () => `${count} PUBACKs: ${this.#output.tail()}`);
  }

  /** Resolves with its exit code: 0 when everything was confirmed. */
  ended(timeoutMs = 30_000): Promise<number | null> {
    return deadline(this.#exit, () => `the device to end: ${this.#output.tail()}`, timeoutMs);
  }

  async dispose(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
