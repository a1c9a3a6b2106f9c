/**
 * A name as InfluxQL writes it. Backslash, quote and newline are the characters that its scanner gives a meaning to
 * within quotes (influxql/scanner.go, ScanDelimited); the package's own escaping misses some of them.
 */
export function identifier(name: string): string {
  return `"${escaped(name, '"')}"`;
}

/** A text as InfluxQL writes it. Where a placeholder can stand, that is better. */
export function literal(text: string): string {
  return `'${escaped(text, "'")}'`;
}

/** A time in µs since 1970, without losing digits. What lies beyond all times of InfluxDB is the last one: 2255. */
export function microseconds(timeUs: number): string {
  return `${Math.min(Math.trunc(timeUs), Number.MAX_SAFE_INTEGER)}u`;
}

function escaped(text: string, quote: string): string {
  // A NUL ends the scanner's text; no name that this hub makes has one.
  return text
    .replaceAll('\0', '')
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n');
}
