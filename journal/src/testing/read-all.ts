import type { Entry, Journal } from '../types.js';

/** Reads on from `after` until nothing comes any more. */
export async function readAll(journal: Journal, after = 0, maxReadings = 1000): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const entries = await journal.read(all.at(-1)?.last ?? after, maxReadings);
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}
