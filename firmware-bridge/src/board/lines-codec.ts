import { type Command, recoverSeq } from '@fieldline/protocol';
import type { Line } from '../lines/line.js';
import { LineReader } from '../lines/line-reader.js';
import { writeCommand, writeMessage, writeQuestion } from '../lines/write-line.js';
import type { BoardCodec, BoardInput, LogText } from './board-codec.js';

/** So many texts that are no JSON are remembered. */
const BROKEN_TEXTS = 8;

type LogLine = Extract<Line, { kind: 'log' }>;

/** Lines of text (protocol §5). */
export class LinesCodec implements BoardCodec {
  readonly #reader = new LineReader();
  readonly knowsAgain = false;
  readonly #broken = new Set<string>();

  get isChecked(): boolean {
    return this.#reader.checked;
  }

  read(frame: Buffer): BoardInput {
    const line = this.#reader.read(frame);
    if (line === undefined) return { kind: 'nothing' };
    switch (line.kind) {
      case 'question':
      case 'command':
        return { kind: 'nothing' };
      case 'bad_crc':
      case 'no_crc':
        return { kind: 'fault', reason: line.kind };
      case 'log':
        return this.#log(line);
      default:
        return line;
    }
  }

  /**
   * A message that is no JSON is given up only where the line did not spoil it: its check is right, or it comes a second
   * time. Otherwise the board sends it again, and well.
   */
  #log({ kind, text, broken, isChecked }: LogLine): LogText {
    if (broken === undefined) return { kind, text };
    const seq = recoverSeq(text);
    if (seq === undefined || !(isChecked === true || this.#isKnown(text))) return { kind, text, broken };
    const [, boot] = /"boot"\s*:\s*"([A-Za-z0-9_-]{1,32})"/.exec(text) ?? [];
    return { kind, text, broken, number: { seq, boot } };
  }

  #isKnown(text: string): boolean {
    if (this.#broken.has(text)) return true;
    this.#broken.add(text);
    const [oldest] = this.#broken;
    if (oldest !== undefined && this.#broken.size > BROKEN_TEXTS) this.#broken.delete(oldest);
    return false;
  }

  question(): Buffer {
    return writeQuestion(this.#reader.checked);
  }

  command({ id, name, params }: Command, maxBytes: number): Buffer {
    return writeCommand({ id, name, params: params ?? {} }, { checked: this.#reader.checked, maxBytes });
  }

  message(message: object, maxBytes = Number.POSITIVE_INFINITY): Buffer {
    return writeMessage(message, { checked: this.#reader.checked, maxBytes });
  }
}
