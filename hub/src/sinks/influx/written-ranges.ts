/** A range of time that was written: from the first time to the last, µs since 1970, both included. */
export interface WrittenRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Told which parts of a measurement were written. There may be thousands, of a device that was offline for long. */
export type OnWritten = (measurement: string, ranges: readonly WrittenRange[]) => void;

const HOUR_US = 3_600_000_000;

interface Range {
  fromUs: number;
  toUs: number;
}

/**
 * The times that were written, by measurement and hour: a device that brings readings of last year beside those of
 * now makes two small ranges, not one of a year.
 */
export class WrittenRanges {
  readonly #measurements = new Map<string, Map<number, Range>>();
  /** The hour that was added to last; the next time is mostly in it, too. */
  #last = { measurement: '', startUs: Number.NaN, range: { fromUs: 0, toUs: 0 } };

  add(measurement: string, timeUs: number): void {
    const last = this.#last;
    if (last.measurement === measurement && timeUs >= last.startUs && timeUs < last.startUs + HOUR_US) {
      widen(last.range, timeUs);
    } else this.#addElsewhere(measurement, timeUs);
  }

  #addElsewhere(measurement: string, timeUs: number): void {
    let hours = this.#measurements.get(measurement);
    if (hours === undefined) {
      hours = new Map();
      this.#measurements.set(measurement, hours);
    }
    const hour = Math.floor(timeUs / HOUR_US);
    let range = hours.get(hour);
    if (range === undefined) {
      range = { fromUs: timeUs, toUs: timeUs };
      hours.set(hour, range);
    }
    widen(range, timeUs);
    this.#last = { measurement, startUs: hour * HOUR_US, range };
  }

  /** Tells of every measurement once; hours that follow one another are one range. */
  tell(onWritten: OnWritten): void {
    for (const [measurement, hours] of this.#measurements) {
      const ranges: Range[] = [];
      let before = Number.NaN;
      for (const [hour, range] of [...hours].sort(([a], [b]) => a - b)) {
        const last = ranges.at(-1);
        if (last !== undefined && hour === before + 1) last.toUs = range.toUs;
        else ranges.push({ ...range });
        before = hour;
      }
      onWritten(measurement, ranges);
    }
  }
}

function widen(range: Range, timeUs: number): void {
  if (timeUs < range.fromUs) range.fromUs = timeUs;
  else if (timeUs > range.toUs) range.toUs = timeUs;
}
