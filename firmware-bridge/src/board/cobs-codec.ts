import type { Command } from '@fieldline/protocol';
import { readFrame, writeFrame } from '../cobs/frame.js';
import { LineError } from '../lines/write-line.js';
import type { BoardCodec, BoardInput } from './board-codec.js';

/** COBS frames of CBOR (docs/firmware-bridge.md). */
export class CobsCodec implements BoardCodec {
  readonly knowsAgain = true;
  readonly isChecked = true;

  read(frame: Buffer): BoardInput {
    const read = readFrame(frame);
    if (read === undefined) return { kind: 'nothing' };
    if ('message' in read) return { kind: 'message', message: read.message };
    const { kind: reason, reason: message, number } = read;
    return { kind: 'fault', reason, message, ...(number === undefined ? {} : { number }) };
  }

  question(): Buffer {
    return Buffer.concat([Buffer.of(0), writeFrame({ type: 'hello' })]);
  }

  command(command: Command, maxBytes: number): Buffer {
    return this.message(command, maxBytes);
  }

  message(message: object, maxBytes = Number.POSITIVE_INFINITY): Buffer {
    const frame = writeFrame(message);
    if (frame.length > maxBytes) {
      throw new LineError(
        'too_large',
        `the frame has ${frame.length} bytes, and the board takes ${maxBytes}`,
      );
    }
    return frame;
  }
}
