import { Writable } from 'node:stream';

/** Up to the first line of the status, and clear from there to the end (ECMA-48 CUU, ED). */
const back = (lines: number) => `\r${lines > 0 ? `\u001b[${lines}A` : ''}\u001b[J`;

/** A terminal whose last lines are a status that is drawn anew, with the log scrolling above it. */
export class Screen {
  readonly #terminal: Writable & { columns?: number };
  #status: readonly string[] = [];

  constructor(terminal: Writable & { columns?: number }) {
    this.#terminal = terminal;
  }

  /** Takes whole lines, and puts them above the status. */
  readonly log = new Writable({
    decodeStrings: false,
    write: (text: string | Buffer, _encoding, done) => {
      this.#terminal.write(`${back(this.#status.length)}${text}${this.#drawn()}`);
      done();
    },
  });

  show(status: readonly string[]): void {
    const before = back(this.#status.length);
    this.#status = status;
    this.#terminal.write(before + this.#drawn());
  }

  /** Takes the status away. */
  end(): void {
    this.show([]);
  }

  /** A line that is broken by the terminal would be two, of which one stays. */
  #drawn(): string {
    const { columns = 80 } = this.#terminal;
    return this.#status.map((line) => `${line.slice(0, columns - 1)}\n`).join('');
  }
}
