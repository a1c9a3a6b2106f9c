import type { SystemSample } from '@fieldline/protocol/browser';

interface Row {
  readonly at: number;
  readonly sample: SystemSample | null;
}

/** The samples, and a row that breaks the lines wherever nobody looked for a while. */
export function withBreaks(samples: readonly SystemSample[], mostMs: number): Row[] {
  return samples.flatMap((sample, index): Row[] => {
    const before = samples[index - 1];
    const row = { at: sample.at, sample };
    return before && sample.at - before.at > mostMs ? [{ at: before.at + 1, sample: null }, row] : [row];
  });
}
