const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for a person: `512 B`, `1.5 MiB`. */
export function sizeWords(sizeBytes: number): string {
  const step = Math.min(STEPS.length - 1, Math.floor(Math.log2(Math.max(1, sizeBytes)) / 10));
  const size = sizeBytes / 2 ** (10 * step);
  return `${step === 0 ? size : size.toFixed(1)} ${STEPS[step]}`;
}
