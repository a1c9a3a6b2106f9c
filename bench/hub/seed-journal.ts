import { type Batch, type Reading, SegmentJournal } from '@fieldline/journal';

export interface SeedOptions {
  /** When there is enough. */
  readonly stop: { readonly bytes: number } | { readonly readings: number };
  /** `seed-00000` and so on, which read in turn. */
  readonly devices: number;
  /** Time between two readings of one device, ms. The last reading of all is of now. */
  readonly everyMs: number;
  /** The sink that shall have all of it to write; the embedded history by default. */
  readonly sink?: string;
}

/** As many readings as the hub gathers in a full batch. */
const BATCH = 1_000;
/** About what a reading of five metrics takes on disk, to choose the first time of a journal of so many bytes. */
const BYTES_PER_READING = 90;

/**
 * Writes a journal by the journal package itself, as the hub would have: batches of 1,000 readings of five
 * metrics, each synced. The sink's cursor stands at the beginning: all of it is still to be written.
 */
export async function seedJournal(
  directory: string,
  { stop, devices, everyMs, sink = 'duckdb' }: SeedOptions,
): Promise<{ bytes: number; readings: number }> {
  const journal = await SegmentJournal.open(directory, { maxBytes: 20e9 });
  journal.attach(sink);
  const expected = 'readings' in stop ? stop.readings : stop.bytes / BYTES_PER_READING;
  const beginMs = Date.now() - (expected / devices) * everyMs;
  let readings = 0;
  const enough = () => ('readings' in stop ? readings >= stop.readings : journal.stats().bytes >= stop.bytes);
  while (!enough()) {
    await journal.append(batch(readings, devices, beginMs, everyMs));
    readings += BATCH;
  }
  const { bytes } = journal.stats();
  await journal.close();
  return { bytes, readings };
}

export function seedDevice(at: number): string {
  return `seed-${String(at).padStart(5, '0')}`;
}

function batch(from: number, devices: number, beginMs: number, everyMs: number): Batch {
  const readings: Reading[] = [];
  const ranges = new Map<string, { device: string; boot: string; first: number; last: number }>();
  for (let at = from; at < from + BATCH; at += 1) {
    const device = seedDevice(at % devices);
    const seq = Math.floor(at / devices) + 1;
    const time = Math.round(beginMs + seq * everyMs) * 1_000 + (at % devices);
    readings.push({
      device,
      boot: 'seed',
      seq,
      time,
      receivedAt: time,
      flags: 0,
      values: {
        temperature: 21 + 4 * Math.sin(seq / 500),
        humidity: 48 + (seq % 100) / 10,
        battery: 3.9,
        door: seq % 50 === 0,
        rssi: -60 - (seq % 20),
      },
    });
    const range = ranges.get(device);
    if (range === undefined) ranges.set(device, { device, boot: 'seed', first: seq, last: seq });
    else range.last = seq;
  }
  return { readings, ranges: [...ranges.values()] };
}
