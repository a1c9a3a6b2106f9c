import { isParamName, type Value } from '@fieldline/protocol';
import { crc16Text } from './crc16.js';
import type { Pairs } from './line.js';

/** A command cannot be written as a line. `code` is one of protocol §1.2's, for the answer. */
export class LineError extends Error {
  override readonly name = 'LineError';

  constructor(
    readonly code: 'bad_params' | 'too_large',
    message: string,
  ) {
    super(message);
  }
}

export interface LineFormat {
  /** Whether a check is put behind the line. */
  readonly checked: boolean;
  /** Longest line, with its check and its newline, in bytes. */
  readonly maxBytes: number;
}

/** `!<id> <name> <param>=<value> …`. @throws LineError when a parameter is no plain value, or the line is too long */
export function writeCommand(
  command: {
    readonly id: string;
    readonly name: string;
    readonly params?: Readonly<Record<string, unknown>>;
  },
  format: LineFormat,
): Buffer {
  const params = Object.entries(command.params ?? {}).map(
    ([name, value]) => ` ${name}=${writeValue(name, value)}`,
  );
  return finish(`!${command.id} ${command.name}${params.join('')}`, format);
}

/** A message of protocol §1.2 as a line of JSON. @throws LineError `too_large` */
export function writeMessage(message: object, format: LineFormat): Buffer {
  return finish(JSON.stringify(message), format);
}

/** `?`: the board is asked for its `hello`. @param checked whether the board is known to have checks by now */
export function writeQuestion(checked: boolean): Buffer {
  return finish('?', { checked, maxBytes: Number.POSITIVE_INFINITY });
}

/** A reading as a line, as a board would write it: for tests and the monitor. */
export function writeReading(values: Pairs, uptimeMs: number | undefined, format: LineFormat): Buffer {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${writeValue(name, value)}`);
  return finish(pairs.join(' ') + (uptimeMs === undefined ? '' : ` @${uptimeMs}`), format);
}

function writeValue(name: string, value: unknown): string {
  if (!isParamName(name)) throw new LineError('bad_params', `${name}: a line has no such name`);
  if (isPlain(value)) return typeof value === 'string' ? quote(name, value) : JSON.stringify(value);
  throw new LineError('bad_params', `${name}: a line holds numbers, booleans, texts and null only`);
}

function isPlain(value: unknown): value is Value | null {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'boolean' || typeof value === 'string';
}

function quote(name: string, text: string): string {
  if (!/^[ -~\u{80}-\u{10FFFF}]*$/u.test(text) || /\p{Cs}/u.test(text)) {
    throw new LineError(
      'bad_params',
      `${name}: a line's text holds no control characters and no half of a character`,
    );
  }
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function finish(content: string, { checked, maxBytes }: LineFormat): Buffer {
  const text = checked ? `${content} *${crc16Text(Buffer.from(content))}\n` : `${content}\n`;
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes) {
    throw new LineError('too_large', `the line has ${bytes.length} bytes, and the board takes ${maxBytes}`);
  }
  return bytes;
}
