import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** How late the hub's event loop came to what was due, ms beyond the period at which it was looked at. */
export interface SeenStalls {
  readonly looks: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const PROBE = fileURLToPath(new URL('./stall-probe.js', import.meta.url));
const ANSWERS_WITHIN_MS = 5_000;

/** Asks the probe in the hub's process (hub/stall-probe.ts). */
export class Stalls {
  readonly #file: string;

  /** @param directory where the probe may write */
  constructor(directory: string) {
    this.#file = join(directory, 'stalls.json');
  }

  /** What the hub has to be started with. */
  get start(): { flags: readonly string[]; env: Readonly<Record<string, string>> } {
    return { flags: ['--import', PROBE], env: { BENCH_STALLS_FILE: this.#file } };
  }

  /** What was seen since the last call; the first call begins. */
  async since(pid: number): Promise<SeenStalls> {
    await rm(this.#file, { force: true });
    process.kill(pid, 'SIGUSR2');
    const deadlineMs = performance.now() + ANSWERS_WITHIN_MS;
    for (;;) {
      const text = await readFile(this.#file, 'utf8').catch(() => null);
      if (text !== null) return JSON.parse(text) as SeenStalls;
      if (performance.now() > deadlineMs) throw new Error('the probe in the hub does not answer');
      await delay(10);
    }
  }
}
