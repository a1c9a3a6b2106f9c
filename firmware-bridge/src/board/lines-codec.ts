import type { Command } from '@fieldline/protocol';
import { LineReader } from '../lines/line-reader.js';
import { QUESTION, writeCommand, writeMessage } from '../lines/write-line.js';
import type { BoardCodec, BoardInput } from './board-codec.js';

/** Lines of text (protocol §5). */
export class LinesCodec implements BoardCodec {
  readonly #reader = new LineReader();
  readonly knowsAgain = false;

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
      default:
        return line;
    }
  }

  question(): Buffer {
    return QUESTION;
  }

  command({ id, name, params }: Command, maxBytes: number): Buffer {
    return writeCommand({ id, name, params: params ?? {} }, { checked: this.#reader.checked, maxBytes });
  }

  message(message: object, maxBytes: number): Buffer {
    return writeMessage(message, { checked: this.#reader.checked, maxBytes });
  }
}
