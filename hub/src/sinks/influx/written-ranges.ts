/** Told which part of a measurement was written: from the first time to the last, µs since 1970. */
export type OnWritten = (measurement: string, fromUs: number, toUs: number) => void;

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

  add(measurement: string, timeUs: number): void {
    let hours = this.#measurements.get(measurement);
    if (hours === undefined) {
      hours = new Map();
      this.#measurements.set(measurement, hours);
    }
    const hour = Math.floor(timeUs / HOUR_US);
    const range = hours.get(hour);
    if (range === undefined) hours.set(hour, { fromUs: timeUs, toUs: timeUs });
    else if (timeUs < range.fromUs) range.fromUs = timeUs;
    else if (timeUs > range.toUs) range.toUs = timeUs;
  }

  /** Tells every range once; hours that follow one another are one. */
  tell(onWritten: OnWritten): void {
    for (const [measurement, hours] of this.#measurements) {
      const sorted = [...hours].sort(([a], [b]) => a - b);
      let last: { hour: number; range: Range } | undefined;
      for (const [hour, range] of sorted) {
        if (last !== undefined && hour === last.hour + 1) {
          last = { hour, range: { fromUs: last.range.fromUs, toUs: range.toUs } };
          continue;
        }
        if (last !== undefined) onWritten(measurement, last.range.fromUs, last.range.toUs);
        last = { hour, range };
      }
      if (last !== undefined) onWritten(measurement, last.range.fromUs, last.range.toUs);
    }
  }
}
