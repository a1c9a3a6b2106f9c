import type { Batch, Entry, Reading } from '../types.js';

/** `count` numbered readings of one device, from message number `seq` on, with all three types of values. */
export function sampleBatch(seq: number, count = 1, device = 'esp-7f3a', boot = '9c1e4b7a'): Batch {
  const readings = Array.from({ length: count }, (_, row): Reading => {
    const number = seq + row;
    return {
      device,
      boot,
      seq: number,
      time: 1_767_225_600_000_000 + number,
      receivedAt: 1_767_225_600_500_000 + number,
      values: { temperature: number / 7, door: number % 2 === 0, state: `s${number % 5}` },
      flags: number % 16,
    };
  });
  return { readings, ranges: count === 0 ? [] : [{ device, boot, first: seq, last: seq + count - 1 }] };
}

/** The message numbers of entries, in the order in which they stand. */
export function seqsOf(entries: readonly Entry[]): number[] {
  return entries.flatMap((entry) => entry.readings().map(({ seq }) => seq));
}
