import { isSeq } from '../names.js';

/** How far into a text the search goes: a frame is not longer unless the operator allows more. */
const SEARCH_CHARS = 65_536;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The number at the start of a text, when something ends it: a cut-off number is not trusted. */
const leadingInteger = /^\s*:\s*(\d{1,16})\s*[,}]/;

/**
 * Finds the number of a message in a text that is not valid JSON, so that the answer can name it and a
 * stop-and-wait device goes on. Only a `"seq"` outside of inner objects, arrays and strings counts, as far
 * as a broken text lets this be told. One pass, linear in the length.
 */
export function recoverSeq(text: string): number | undefined {
  const end = Math.min(text.length, SEARCH_CHARS);
  let depth = 0;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) {
      const close = endOfString(text, i, end);
      if (depth === 1 && close === i + 4 && text.startsWith('seq', i + 1)) {
        const seq = Number(leadingInteger.exec(text.slice(close + 1, close + 33))?.[1]);
        if (isSeq(seq)) return seq;
      }
      i = close;
    } else if (unit === 0x7b || unit === 0x5b) {
      depth++;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return undefined;
}

/** Index of the quote that ends the string which starts at `start`, or `end` when none does. */
function endOfString(text: string, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === BACKSLASH) i++;
    else if (unit === QUOTE) return i;
  }
  return end;
}
