import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Reading, SegmentJournal, type Value } from '@fieldline/journal';
import { onTestFinished } from 'vitest';
import { Counters } from '../ops/counters.js';
import { Pump, type PumpLog, type PumpOptions } from './pump.js';
import type { QuarantinedValue, RejectionStore } from './quarantine.js';
import type { Sink } from './sink.js';

/** 2026-11-20 00:00 UTC in µs. */
export const MIDNIGHT_US = Date.UTC(2026, 10, 20) * 1000;
export const SECOND_US = 1_000_000;

/** A directory that is removed after the test. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldline-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export function reading(
  device: string,
  time: number,
  values: Readonly<Record<string, Value>>,
  more: Partial<Reading> = {},
): Reading {
  return { device, boot: 'b1', seq: 1, time, receivedAt: time, values, flags: 0, ...more };
}

/** `count` readings of one device, a second apart, whose value `n` counts from `from`. */
export function series(device: string, from: number, count: number): Reading[] {
  return Array.from({ length: count }, (_, step) => {
    const n = from + step;
    return reading(device, MIDNIGHT_US + n * SECOND_US, { n }, { seq: n + 1 });
  });
}

/** A journal of its own directory that takes readings without ranges. */
export async function openJournal(directory: string): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(join(directory, 'journal'));
  onTestFinished(() => journal.close());
  return journal;
}

export function append(journal: SegmentJournal, readings: readonly Reading[]) {
  return journal.append({ readings, ranges: [] });
}

/** A quarantine in memory. `failFlush` makes the next flushes fail. */
export class MemoryQuarantine implements RejectionStore {
  readonly kept: QuarantinedValue[] = [];
  failFlush = 0;
  readonly #buffer: QuarantinedValue[] = [];

  add(item: QuarantinedValue): void {
    this.#buffer.push(item);
  }

  flush(): void {
    if (this.failFlush-- > 0) throw new Error('the quarantine cannot be written');
    this.kept.push(...this.#buffer.splice(0));
  }
}

export const silent: PumpLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Tries follow one another without waiting for long. */
export const IMPATIENT = { retry: { minMs: 1, maxMs: 4 }, hold: { minMs: 2, maxMs: 8 } } as const;

/** A pump with stand-ins for all that the test does not care about. */
export function makePump(options: { sink: Sink; journal: SegmentJournal } & Partial<PumpOptions>): Pump {
  return new Pump({
    quarantine: new MemoryQuarantine(),
    counters: new Counters(),
    log: silent,
    ...IMPATIENT,
    ...options,
  });
}
