import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A board at the far end of a pty that socat makes: it numbers its lines, and remembers when it wrote each. */
export class BenchBoard {
  readonly name: string;
  readonly path: string;
  readonly #socat: ChildProcessByStdio<Writable, Readable, null>;
  /** When line `n` was written (performance.now), by n; undefined once it has arrived. */
  readonly #writtenAt: (number | undefined)[] = [];
  #arrived = 0;

  constructor(name: string, directory: string) {
    this.name = name;
    this.path = join(directory, name);
    this.#socat = spawn('socat', [`pty,rawer,link=${this.path}`, '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#socat.stdin.on('error', () => undefined);
    this.#socat.stdout.on('data', (bytes: Buffer) => {
      if (bytes.includes('?')) this.#socat.stdin.write('{"type":"hello","boot":"b1","caps":[]}\n');
    });
  }

  /** Resolves when the computer can open it. */
  async plugged(): Promise<void> {
    while (!existsSync(this.path)) await delay(10);
  }

  get written(): number {
    return this.#writtenAt.length;
  }

  get missing(): number {
    return this.written - this.#arrived;
  }

  /** Writes lines as one piece. @returns bytes */
  write(lines: number): number {
    const now = performance.now();
    let text = '';
    for (let line = 0; line < lines; line++) {
      const n = this.#writtenAt.push(now) - 1;
      text += `n=${n} temperature=21.5 humidity=48 door=true @${Math.round(now)}\n`;
    }
    this.#socat.stdin.write(text);
    return text.length;
  }

  /** Line `n` is at the hub. @returns since when it was written, ms; null for one that came before */
  arrived(n: number, atMs: number): number | null {
    const writtenAt = this.#writtenAt[n];
    if (writtenAt === undefined) return null;
    this.#writtenAt[n] = undefined;
    this.#arrived++;
    return atMs - writtenAt;
  }

  close(): void {
    this.#socat.kill('SIGKILL');
  }
}
