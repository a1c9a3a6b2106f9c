import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Gathers the lines of a process's output and lets a test wait for one. */
export class LineReader {
  readonly lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();

  constructor(...streams: readonly Readable[]) {
    for (const stream of streams) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        for (const tell of this.#waiting) tell(line);
      });
    }
  }

  /** The first line, of the past or to come, for which `find` answers something. */
  find<T>(find: (line: string) => T | undefined): Promise<T> {
    for (const line of this.lines) {
      const found = find(line);
      if (found !== undefined) return Promise.resolve(found);
    }
    return new Promise((resolve) => {
      const tell = (line: string): void => {
        const found = find(line);
        if (found === undefined) return;
        this.#waiting.delete(tell);
        resolve(found);
      };
      this.#waiting.add(tell);
    });
  }

  /** The end of the output, for messages of failures. */
  tail(count = 30): string {
    return this.lines.slice(-count).join('\n');
  }
}
