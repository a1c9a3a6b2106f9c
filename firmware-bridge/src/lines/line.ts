import type { Value } from '@fieldline/protocol';

/** Names and plain values, as they stand in a line: `temperature=21.5 door=true`. */
export type Pairs = Readonly<Record<string, Value | null>>;

/** What a command came to, in the words of protocol §1.2. */
export type LineAnswer =
  | { readonly status: 'ok'; readonly result?: Pairs }
  | { readonly status: 'accepted' }
  | { readonly status: 'error' | 'rejected'; readonly code: string; readonly message?: string };

/** One line of the serial line protocol (protocol §5), read. */
export type Line =
  /** A message of protocol §1.2, or a bare reading: what a JSON object held. */
  | { readonly kind: 'message'; readonly message: Readonly<Record<string, unknown>> }
  /** A reading; `uptimeMs` is since the board's start. */
  | { readonly kind: 'reading'; readonly values: Pairs; readonly uptimeMs?: number }
  | { readonly kind: 'result'; readonly id: string; readonly answer: LineAnswer }
  /** From the bridge to the board; a board that repeats what it hears sends it back. */
  | { readonly kind: 'command'; readonly id: string; readonly name: string; readonly params: Pairs }
  /** From the bridge to the board: say hello. */
  | { readonly kind: 'question' }
  /**
   * Anything else that a board prints. `broken` says what is wrong with a line that looks like JSON; `isChecked`, that it
   * has a right check all the same, so that the board wrote it so.
   */
  | { readonly kind: 'log'; readonly text: string; readonly broken?: string; readonly isChecked?: boolean };
