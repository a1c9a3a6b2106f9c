import type { Command } from '@fieldline/protocol';
import type { LineAnswer, Pairs } from '../lines/line.js';

/** What a board said, whatever its framing. */
export type BoardInput =
  /** A message of protocol §1.2, or a bare reading, as it was parsed. */
  | { readonly kind: 'message'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'reading'; readonly values: Pairs; readonly uptimeMs?: number }
  | { readonly kind: 'result'; readonly id: string; readonly answer: LineAnswer }
  | { readonly kind: 'log'; readonly text: string; readonly broken?: string }
  /** Dropped, and counted by its reason. */
  | { readonly kind: 'fault'; readonly reason: FaultReason }
  /** Nothing to do: an empty line, or what the bridge itself had said. */
  | { readonly kind: 'nothing' };

/** Why something that came from a board was dropped. */
export const FAULT_REASONS = ['bad_crc', 'no_crc', 'malformed', 'too_long', 'half', 'before_hello'] as const;
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
  message(message: object, maxBytes: number): Buffer;
  /** Whether the board can be told that a command is repeated, which it must not execute. */
  readonly knowsAgain: boolean;
}
