import type { Command } from '@fieldline/protocol';
import type { LineAnswer, Pairs } from '../lines/line.js';

/** What a board said, whatever its framing. */
export type BoardInput =
  /** A message of protocol §1.2, or a bare reading, as it was parsed. */
  | { readonly kind: 'message'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'reading'; readonly values: Pairs; readonly uptimeMs?: number }
  | { readonly kind: 'result'; readonly id: string; readonly answer: LineAnswer }
  | LogText
  /** Dropped, and counted by its reason. */
  | BoardFault
  /** Nothing to do: an empty line, or what the bridge itself had said. */
  | { readonly kind: 'nothing' };

/** A line for the device's log. `broken` says what is wrong with one that looks like JSON; `number` is what it numbers. */
export interface LogText {
  readonly kind: 'log';
  readonly text: string;
  readonly broken?: string;
  readonly number?: LostNumber;
}

export interface BoardFault {
  readonly kind: 'fault';
  readonly reason: FaultReason;
  /** What is wrong, for the maker of the board. */
  readonly message?: string;
  /** Of a frame that came whole, as its check says, and still is no message. */
  readonly number?: LostNumber;
}

/** The number of a message that is none, as far as it could be found: it will be none the next time, too. */
export interface LostNumber {
  readonly seq: number;
  readonly boot?: string | undefined;
}

/** Why something that came from a board was dropped. */
export const FAULT_REASONS = [
  'bad_crc',
  'no_crc',
  'malformed',
  'bad_value',
  'too_long',
  'half',
  'before_hello',
  'ahead',
] as const;
export type FaultReason = (typeof FAULT_REASONS)[number];

/** Reads and writes the frames of one opened port. */
export interface BoardCodec {
  read(frame: Buffer): BoardInput;
  /** Whether the frames that were read so far carried checks: then none of them was half a frame. */
  readonly isChecked: boolean;
  /** Asks the board for its `hello`. */
  question(): Buffer;
  /** @throws LineError when it cannot be written, or is longer than the board takes */
  command(command: Command, maxBytes: number): Buffer;
  /** Any other message to a board. @throws LineError `too_large` */
  message(message: object, maxBytes?: number): Buffer;
  /** Whether the board can be told that a command is repeated, which it must not execute. */
  readonly knowsAgain: boolean;
}
