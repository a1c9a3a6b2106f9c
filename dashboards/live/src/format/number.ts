/** U+2212: the minus of figures. A hyphen is shorter and sits too low. */
export const MINUS = '\u2212';
/** U+00A0: keeps a figure and its unit on one line. */
export const NBSP = '\u00a0';

const formats = new Map<number, Intl.NumberFormat>();

function format(decimals: number): Intl.NumberFormat {
  let found = formats.get(decimals);
  if (!found) {
    found = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, found);
  }
  return found;
}

/** A figure with a fixed number of decimals, groups of three, and a true minus. Never "−0". */
export function num(value: number, decimals: number): string {
  const text = format(decimals).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** Decimals for a metric without a profile: about four significant figures, at most three decimals. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return 0;
  return size >= 100 ? 1 : size >= 1 ? 2 : 3;
}

/** Decimals that tick labels of this step need: 0 for 5, 1 for 0.5, 2 for 0.25. */
export function decimalsOfStep(step: number): number {
  for (let decimals = 0; decimals < 6; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled)) return decimals;
  }
  return 6;
}

/** "1 device", "2,000 devices". */
export function counted(count: number, one: string, many: string): string {
  return `${num(count, 0)}${NBSP}${count === 1 ? one : many}`;
}
