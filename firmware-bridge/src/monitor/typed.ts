import type { Command } from '@fieldline/protocol';
import { parseLine } from '../lines/grammar.js';

/** What a person typed. */
export type Typed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'question' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly reason: string };

export const TYPED_HELP =
  'name param=value …  sends a command; texts in quotes, as in the line protocol. ?  asks for a hello.';

/** `relay.set on=true`, as in a command's line without its id. */
export function readTyped(text: string, id: string): Typed {
  const typed = text.trim();
  if (typed === '') return { kind: 'nothing' };
  if (typed === '?') return { kind: 'question' };
  const line = parseLine(`!${id} ${typed}`);
  if (line.kind !== 'command') return { kind: 'wrong', reason: TYPED_HELP };
  return { kind: 'command', command: { type: 'command', id, name: line.name, params: line.params } };
}
