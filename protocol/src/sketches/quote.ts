/** Texts as literals of the languages that sketches are written in. Whatever a text holds, it cannot end its literal. */

/** A string of C and C++, in ASCII: what is not is written as the bytes of its UTF-8, in octal. */
export function cString(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const written = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : character;
  });
  // Two question marks could begin a trigraph.
  return `"${written.join('').replaceAll('??', '?\\?')}"`;
}

/** A string of Python and MicroPython, in ASCII. */
export function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${hex4(code)}`;
  });
}

/** A string of JavaScript, in ASCII. */
export function javaScriptString(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${hex4(unit.charCodeAt(0))}`);
}

/** A word of a POSIX shell: as it is where it has nothing special, else in single quotes. */
export function shellWord(text: string): string {
  if (/^[\w./:@%+=-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const hex4 = (code: number): string => code.toString(16).padStart(4, '0');
