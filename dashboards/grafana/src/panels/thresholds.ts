import type { FieldDefaults } from '../model.js';

/** Thresholds: the colour from below, and the next ones from their values on upwards. */
export function thresholds(
  lowest: string,
  ...rising: readonly (readonly [value: number, color: string])[]
): NonNullable<FieldDefaults['thresholds']> {
  const steps = rising.map(([value, color]) => ({ color, value }));
  return { mode: 'absolute', steps: [{ color: lowest, value: null }, ...steps] };
}
