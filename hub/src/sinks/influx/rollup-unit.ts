/** How wide the rows of a rollup are, which is how its retention policy is named. */
export const ROLLUP_UNITS = ['1m', '1h'] as const;
export type RollupUnit = (typeof ROLLUP_UNITS)[number];

export const UNIT_MS: Readonly<Record<RollupUnit, number>> = { '1m': 60_000, '1h': 3_600_000 };

/** The retention policy that holds a rollup. */
export function rollupPolicy(unit: RollupUnit): string {
  return `rollup_${unit}`;
}
