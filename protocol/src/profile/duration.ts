/** A duration as people write it: `250ms`, `10s`, `5m`, `24h`, `7d`; fractions such as `1.5s` too; not zero. */
export const DURATION_PATTERN = '^(?!0+(\\.0+)?[a-z])(\\d{1,7}(?:\\.\\d{1,3})?)(ms|s|m|h|d)$';

const duration = new RegExp(DURATION_PATTERN);

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration in whole milliseconds, at least 1; undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, , amount, unit] = duration.exec(text) ?? [];
  const factor = UNIT_MS[unit ?? ''];
  return factor === undefined ? undefined : Math.max(1, Math.round(Number(amount) * factor));
}
