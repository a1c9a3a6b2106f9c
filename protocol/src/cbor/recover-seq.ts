import type { Buffer } from 'node:buffer';
import { isSeq } from '../names.js';
import { CborFault, CborReader, INDEFINITE, MAJOR, SELF_DESCRIBED } from './reader.js';

/**
 * Finds the number of a message in a frame that is refused, so that the answer can name it and a stop-and-wait device
 * goes on. Looks at the outermost map only, and passes over whatever else stands in it, as far as its lengths tell where
 * that ends. One pass, no recursion, linear in the length.
 */
export function recoverCborSeq(frame: Buffer): number | undefined {
  const reader = new CborReader(frame);
  try {
    return seqOf(reader);
  } catch (error) {
    if (error instanceof CborFault) return undefined; // cut off before it was found
    throw error;
  }
}

function seqOf(reader: CborReader): number | undefined {
  reader.head();
  if (reader.major === MAJOR.tag && reader.argument === SELF_DESCRIBED) reader.head();
  if (reader.major !== MAJOR.map) return undefined;
  const isEndless = reader.info === INDEFINITE;
  const pairs = isEndless ? Number.POSITIVE_INFINITY : reader.argument;
  for (let pair = 0; pair < pairs; pair++) {
    if (isEndless && reader.takeBreak()) return undefined;
    const start = reader.at;
    skip(reader);
    const isSeqKey = reader.bytes.toString('latin1', start, Math.min(reader.at, start + 5)) === '\x63seq';
    if (!isSeqKey) {
      skip(reader);
      continue;
    }
    return number(reader);
  }
  return undefined;
}

function number(reader: CborReader): number | undefined {
  reader.head();
  return reader.major === MAJOR.uint && isSeq(reader.argument) ? reader.argument : undefined;
}

/** Passes over one item and all that it holds. */
function skip(reader: CborReader): void {
  /** Of each open container, how many items still follow; Infinity until a "break". */
  const open: number[] = [1];
  for (let left = open.at(-1); left !== undefined; left = open.at(-1)) {
    if (left === 0 || (left === Number.POSITIVE_INFINITY && reader.takeBreak())) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    reader.head();
    const { major, info, argument } = reader;
    if (info === INDEFINITE) {
      if (major === MAJOR.simple) throw new CborFault('not well-formed CBOR');
      open.push(Number.POSITIVE_INFINITY);
    } else if (major === MAJOR.bytes || major === MAJOR.text) reader.take(argument);
    else if (major === MAJOR.array) open.push(argument);
    else if (major === MAJOR.map) open.push(argument * 2);
    else if (major === MAJOR.tag) open.push(1);
  }
}
