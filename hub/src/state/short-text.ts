/**
 * A text that can be kept: at most `maxBytes` of UTF-8, cut between characters and ending in `…` when it was
 * longer, and without NUL, at which SQLite would end it.
 */
export function shortText(text: string, maxBytes: number): string {
  const clean = text.includes('\0') ? text.replaceAll('\0', '\u2400') : text;
  if (clean.length * 3 <= maxBytes || Buffer.byteLength(clean) <= maxBytes) return clean;
  const bytes = Buffer.from(clean.slice(0, maxBytes));
  let end = maxBytes - 3;
  // 10xxxxxx continues a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}
