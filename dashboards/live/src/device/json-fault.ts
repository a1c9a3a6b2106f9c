/** Where a text stops being JSON: the part that offends, from `at` on, as long as `length`. */
export interface JsonFault {
  readonly at: number;
  readonly length: number;
}

const WORD = /[-+]?[\w.][\w.+-]*|'[^']*'?/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.+-])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that a string may not hold (RFC 8259 §7)
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const LITERAL = /(?:true|false|null)(?!\w)/y;
const BLANK = /[ \t\r\n]*/y;

/**
 * Finds what is wrong with a text that should be JSON (RFC 8259): engines say so each in their own way, and rarely where.
 * Null for a text that is JSON, and for one that is only cut off: then nothing that is there offends.
 */
export function jsonFault(text: string): JsonFault | null {
  const scan = new Scan(text);
  const fault = scan.value(0) ?? scan.end();
  if (fault === 'cut' || fault === undefined) return null;
  return { at: fault, length: scan.wordAt(fault) };
}

/** The place of the fault; `cut` where the text ends too early; undefined where all is well. */
type Outcome = number | 'cut' | undefined;

const MOST_DEPTH = 64;

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Outcome {
    this.#take(BLANK);
    const next = this.#text[this.#at];
    if (next === undefined) return 'cut';
    if (depth > MOST_DEPTH) return this.#at;
    if (next === '{') return this.#list('}', () => this.#member(depth + 1));
    if (next === '[') return this.#list(']', () => this.value(depth + 1));
    if (next === '"') return this.#string();
    if (this.#take(LITERAL) || this.#take(NUMBER)) return undefined;
    return this.#at;
  }

  /** Nothing may follow the value. */
  end(): Outcome {
    this.#take(BLANK);
    return this.#at < this.#text.length ? this.#at : undefined;
  }

  /** How much belongs to what stands at a place: a word, or one character. */
  wordAt(at: number): number {
    WORD.lastIndex = at;
    return WORD.exec(this.#text)?.[0].length ?? Math.min(1, this.#text.length - at);
  }

  #member(depth: number): Outcome {
    this.#take(BLANK);
    const next = this.#text[this.#at];
    if (next === undefined) return 'cut';
    if (next !== '"') return this.#at;
    const fault = this.#string() ?? this.#sign(':');
    return fault ?? this.value(depth);
  }

  #list(close: '}' | ']', item: () => Outcome): Outcome {
    this.#at++;
    this.#take(BLANK);
    if (this.#text[this.#at] === close) {
      this.#at++;
      return undefined;
    }
    for (;;) {
      const fault = item();
      if (fault !== undefined) return fault;
      this.#take(BLANK);
      const next = this.#text[this.#at];
      if (next === undefined) return 'cut';
      if (next !== ',' && next !== close) return this.#at;
      this.#at++;
      if (next === close) return undefined;
    }
  }

  #string(): Outcome {
    const start = this.#at;
    if (this.#take(STRING)) return undefined;
    // Without its closing quote it is cut off; with one there is something in it that may not be.
    return /^"(?:[^"\\]|\\.)*"/s.test(this.#text.slice(start)) ? start : 'cut';
  }

  #sign(sign: string): Outcome {
    this.#take(BLANK);
    const next = this.#text[this.#at];
    if (next === undefined) return 'cut';
    if (next !== sign) return this.#at;
    this.#at++;
    return undefined;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return false;
    this.#at += found[0].length;
    return true;
  }
}
