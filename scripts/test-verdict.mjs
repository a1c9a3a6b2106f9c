/** A log that was cut to its end should still name everything: so many lines it ends with. */
const MOST_LINES = 40;
/** Lines of one error, where there is room for them. */
const ERROR_LINES = 8;
const WIDTH = 200;

/**
 * The last lines of `npm test` before its summary: what failed, by name, and what passed on its second try only.
 * @param findings as `{ word, step, file, test, error }`, in order
 * @returns at most {@link MOST_LINES} lines; none when there is nothing to tell
 */
export function verdict(findings) {
  if (findings.length === 0) return [];
  const isTooMany = findings.length > MOST_LINES;
  const shown = isTooMany ? findings.slice(0, MOST_LINES - 1) : findings;
  const errorLines = Math.min(ERROR_LINES, Math.floor(MOST_LINES / findings.length) - 1);
  const lines = shown.flatMap(({ word, step, file, test, error }) => [
    [`${word}: ${step}`, file, test].filter(Boolean).join(' > '),
    ...error
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, Math.max(0, errorLines))
      .map((line) => `    ${line}`),
  ]);
  if (isTooMany) lines.push(`… and ${findings.length - shown.length} more, above`);
  return lines.map((line) => line.slice(0, WIDTH));
}
