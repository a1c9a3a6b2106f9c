/** A line of the protocol, taken apart. */
export interface ParsedLine {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Values as they stand in the line: `1.5`, `2i`, `true`; strings without quotes and escapes after a `"`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly time: string;
}

/**
 * Reads lines as influxd does (models/points.go): in names and tags a backslash escapes what follows it only where that
 * has to be escaped; in strings it escapes `"` and itself; a line ends outside of strings alone.
 */
export function parseLines(text: string): ParsedLine[] {
  const lines: ParsedLine[] = [];
  let at = 0;
  const until = (stops: string, escaped = ', ='): string => {
    let found = '';
    for (; at < text.length && !stops.includes(text[at] as string); at++) {
      if (text[at] === '\\' && escaped.includes(text[at + 1] ?? '-')) at++;
      found += text[at];
    }
    return found;
  };
  const value = (): string => {
    if (text[at] !== '"') return until(', \n');
    let found = '"';
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length) throw new Error('a string does not end');
      if (text[at] === '\\' && '"\\'.includes(text[at + 1] ?? '-')) at++;
      found += text[at];
    }
    at++;
    return found;
  };
  const pairs = (value: () => string): Record<string, string> => {
    const found = new Map<string, string>();
    do {
      const key = until('=, \n');
      if (text[at++] !== '=') throw new Error(`no value for ${key}`);
      if (found.has(key)) throw new Error(`${key} twice`);
      found.set(key, value());
    } while (text[at++] === ',');
    at--;
    return Object.fromEntries(found);
  };
  while (at < text.length) {
    const measurement = until(', \n', ', ');
    let tags = {};
    if (text[at] === ',') {
      at++;
      tags = pairs(() => until(',= \n'));
    }
    if (text[at++] !== ' ') throw new Error('no fields');
    const fields = pairs(value);
    if (text[at++] !== ' ') throw new Error('no time');
    lines.push({ measurement, tags, fields, time: until('\n') });
    if (text[at++] !== '\n') throw new Error('no end of the line');
  }
  return lines;
}
