import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { deadline } from './deadline.js';
import { makeFirmware } from './firmware.js';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

/** A board that runs real firmware in a simulator. Its serial port can be pulled while it goes on running. */
export interface SimulatedBoard {
  /** Where the computer finds it. */
  readonly port: string;
  /** Switches it on, plugged in. */
  start(): Promise<void>;
  pull(): Promise<void>;
  plug(): Promise<void>;
  /** Presses its reset button. */
  reset(): void;
  dispose(): Promise<void>;
}

/**
 * An ATmega328P in simavr. Plugging it in resets it, as the USB adapters of such boards do.
 * @param firmware its name among the Makefile's: `uno-c.elf`
 */
export class AvrBoard implements SimulatedBoard {
  readonly #directory = tempDir('avr');
  readonly #firmware: string;
  #simavr: ChildProcessByStdio<null, Readable, null> | undefined;
  #said = new LineReader();

  constructor(firmware: string) {
    this.#firmware = firmware;
  }

  get port(): string {
    return join(this.#directory.path, 'ttyUNO');
  }

  async start(): Promise<void> {
    const host = await makeFirmware('simavr-host', this.#firmware);
    const firmware = await makeFirmware(this.#firmware);
    this.#simavr = spawn(host, [firmware, this.port], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#said = new LineReader(this.#simavr.stdout);
    await this.#says('PLUGGED', 1);
  }

  async pull(): Promise<void> {
    const before = this.#count('PULLED');
    this.#simavr?.kill('SIGUSR1');
    await this.#says('PULLED', before + 1);
  }

  async plug(): Promise<void> {
    const before = this.#count('PLUGGED');
    this.#simavr?.kill('SIGUSR2');
    await this.#says('PLUGGED', before + 1);
  }

  reset(): void {
    this.#simavr?.kill('SIGHUP');
  }

  async dispose(): Promise<void> {
    await end(this.#simavr);
    this.#directory.remove();
  }

  #count(word: string): number {
    return this.#said.lines.filter((line) => line === word).length;
  }

  async #says(word: string, times: number): Promise<void> {
    const said = this.#said.find((line) => (line === word && this.#count(word) >= times ? true : undefined));
    await deadline(said, () => `the simulator to say ${word}: ${this.#said.tail()}`);
  }
}

/** A Cortex-M3 in QEMU (`lm3s6965evb`). Its cable is a socat between QEMU's socket and a pty. */
export class CortexBoard implements SimulatedBoard {
  readonly #directory = tempDir('cortex');
  readonly #firmware: string;
  #qemu: ChildProcessByStdio<Writable, null, null> | undefined;
  #cable: ChildProcess | undefined;

  /** @param firmware its name among the Makefile's: `lm3s6965.elf` */
  constructor(firmware: string) {
    this.#firmware = firmware;
  }

  get port(): string {
    return join(this.#directory.path, 'ttyCORTEX');
  }

  async start(): Promise<void> {
    const firmware = await makeFirmware(this.#firmware);
    await appears(this.#directory.path, this.#socket, () => {
      this.#qemu = spawn(
        'qemu-system-arm',
        [
          ...['-M', 'lm3s6965evb', '-display', 'none', '-monitor', 'stdio', '-kernel', firmware],
          ...['-serial', `unix:${this.#socket},server=on,wait=off`],
        ],
        { stdio: ['pipe', 'ignore', 'ignore'] },
      );
    });
    await this.plug();
  }

  async plug(): Promise<void> {
    await appears(this.#directory.path, this.port, () => {
      this.#cable = spawn('socat', [`pty,rawer,link=${this.port}`, `unix-connect:${this.#socket}`], {
        stdio: 'ignore',
      });
    });
  }

  /** As a hand pulls it: in the middle of whatever is on it. The link then leads nowhere. */
  async pull(): Promise<void> {
    await end(this.#cable, 'SIGKILL');
  }

  reset(): void {
    this.#qemu?.stdin.write('system_reset\n');
  }

  async dispose(): Promise<void> {
    await end(this.#cable, 'SIGKILL');
    await end(this.#qemu, 'SIGKILL');
    this.#directory.remove();
  }

  get #socket(): string {
    return join(this.#directory.path, 'uart');
  }
}

/** Does something that makes a file appear, and waits for that. */
async function appears(directory: string, path: string, make: () => void): Promise<void> {
  const watcher = watch(directory);
  try {
    make();
    while (!existsSync(path)) await deadline(once(watcher, 'change'), () => `${path} to appear`);
  } finally {
    watcher.close();
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
