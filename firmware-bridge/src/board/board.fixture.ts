import type { BoardFacts } from '../hub/board-facts.js';
import { crc16Text } from '../lines/crc16.js';
import type { Outgoing } from '../queue/outgoing.js';
import { Board } from './board.js';
import type { BoardCodec } from './board-codec.js';
import { BoardNumbers } from './board-numbers.js';
import { LinesCodec } from './lines-codec.js';

export const NOW = 1_795_000_000_000;
export const HELLO = '{"type":"hello","boot":"b1","caps":["command"],"rxMax":128,"uptime":1000}';

/** A board in a test, and all that it does: what is written to it, kept of it, and told of it. */
export class BenchBoard {
  now = NOW;
  /** The disk takes nothing. */
  isFull = false;
  readonly sent: Buffer[] = [];
  readonly written: string[] = [];
  readonly kept: Outgoing[] = [];
  readonly present: BoardFacts[] = [];
  readonly logged: string[] = [];
  readonly board: Board;

  constructor(codec: () => BoardCodec = () => new LinesCodec()) {
    this.board = new Board({
      codec,
      write: (bytes) => {
        this.sent.push(bytes);
        return this.written.push(bytes.toString().trim()) > 0;
      },
      isClear: () => true,
      keep: async (message) => {
        if (this.isFull) throw new Error('full');
        this.kept.push(message);
      },
      numbers: new BoardNumbers([]),
      present: (facts) => this.present.push(facts),
      absent: () => undefined,
      log: (level, text) => this.logged.push(`${level} ${text}`),
      warn: () => undefined,
      maxLineBytes: 1_024,
      now: () => this.now,
    });
  }

  say(...lines: string[]): void {
    for (const line of lines) this.board.heard(Buffer.from(line));
  }

  /** Of readings without a number. */
  times() {
    return this.kept.map(({ row }) => row?.time);
  }

  /** Of messages. */
  datesOf() {
    return this.kept.map(({ body }) => JSON.parse(body ?? '{}').time);
  }

  numbersKept(): string[] {
    return this.kept.map(({ number }) => `${number?.boot} ${number?.seq}`);
  }

  questions(): number {
    return this.written.filter((line) => line.startsWith('?')).length;
  }

  acks(): string[] {
    return this.written
      .filter((line) => line.includes('"ack"'))
      .map((line) => JSON.parse(line.replace(/ \*.*$/, '')))
      .map(({ boot, seq }) => `${boot} ${seq}`);
  }
}

export function numbered(seq: number): string {
  return `{"type":"telemetry","seq":${seq},"values":{"n":${seq}}}`;
}

export function numberedOf(boot: string, seq: number): string {
  return numbered(seq).replace('"seq"', `"boot":"${boot}","seq"`);
}

/** A line with its check. */
export function checked(text: string): string {
  return `${text} *${crc16Text(Buffer.from(text))}`;
}

/** Until what was kept is acknowledged. */
export async function turn(): Promise<void> {
  for (let n = 0; n < 2; n++) await new Promise((resolve) => setImmediate(resolve));
}
