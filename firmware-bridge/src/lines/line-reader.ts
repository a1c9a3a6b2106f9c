import { crc16 } from './crc16.js';
import { parseLine } from './grammar.js';
import type { Line } from './line.js';

const CARRIAGE_RETURN = 13;
const CHECK = / \*([0-9A-Fa-f]{4})$/;

/** Why a line of the protocol was dropped: its check was wrong, or there was none although the port has them. */
export type LineFault = { readonly kind: 'bad_crc' | 'no_crc'; readonly text: string };

/**
 * Reads the lines of one opened port. Checks are sticky: after one line with a valid CRC every line of the protocol
 * needs one, and so do the lines that are written to the board (protocol §5). Lines of the log are exempt.
 * A new opening takes a new reader.
 */
export class LineReader {
  #checked = false;

  /** Whether lines carry checks in both directions by now. */
  get checked(): boolean {
    return this.#checked;
  }

  /** Reads a line without its newline. Undefined: there was nothing in it. */
  read(bytes: Uint8Array): Line | LineFault | undefined {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    if (end === 0) return undefined;
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, end);
    const text = whole.toString('utf8');
    const check = CHECK.exec(text);
    const content = check === null ? text : text.slice(0, check.index);
    const line = isUtf8(whole, text) ? parseLine(content) : notUtf8(content);
    // The check covers everything before its space: ` *XXXX` is six bytes.
    const isRight =
      check !== null && crc16(whole.subarray(0, end - 6)) === Number.parseInt(check[1] as string, 16);
    if (line.kind === 'log') {
      if (line.broken === undefined) return { kind: 'log', text };
      return { kind: 'log', text, broken: line.broken, isChecked: isRight };
    }
    if (check === null) return this.#checked ? { kind: 'no_crc', text } : line;
    if (!isRight) return { kind: 'bad_crc', text };
    this.#checked = true;
    return line;
  }
}

function notUtf8(text: string): Line {
  const isJson = text.startsWith('{') && text.endsWith('}');
  return isJson ? { kind: 'log', text, broken: 'not valid UTF-8' } : { kind: 'log', text };
}

/** Bytes that are no UTF-8 were replaced in the text, and would not come back the same. */
function isUtf8(bytes: Buffer, text: string): boolean {
  return !text.includes('\uFFFD') || Buffer.from(text, 'utf8').equals(bytes);
}
