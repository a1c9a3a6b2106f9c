import type { Reading, Value } from '@fieldline/journal';

type Values = Readonly<Record<string, Value>>;

/** With so many readings at one time, a new one goes behind all of them instead of being compared. */
const COMPARED = 64;
/** So many times before the current one are remembered: a device need not send in order. */
const REMEMBERED = 32;

/**
 * Keeps readings of one device apart that carry the same time (protocol §1.2 "Time"): of readings that share
 * a metric, each is stored 1 µs after the one before. Without this InfluxDB would keep only the last.
 *
 * `marks` has a bit for each metric of a reading (`Metric.mark`). Two metrics may have the same bit: then a reading
 * that came late moves by 1 µs for nothing.
 */
export class EqualTimes {
  private rawTime = 0;
  private highest = 0;
  private marks = 0;
  /** The readings of the current time; those behind `count` are of earlier ones. */
  private readonly readings: Reading[] = [];
  private count = 0;
  /** The greatest raw time so far: what is beyond it need not be looked for. */
  private latest = 0;
  /** What is known of the current time from before others came in between. */
  private beforeHighest = 0;
  private beforeMarks = 0;
  /** Where that is remembered; -1 for nowhere. */
  private slot = -1;
  /** Times before the current one, written in turn: the highest that was assigned, and marks of the metrics. */
  private readonly earlier: number[] = [];
  private readonly earlierHighest: number[] = [];
  private readonly earlierMarks: number[] = [];
  private turn = 0;

  /** The time (µs) at which a reading that was measured at `rawTime` (µs) is stored. */
  assign(rawTime: number, values: Values, marks: number): number {
    if (rawTime !== this.rawTime) this.turnTo(rawTime);
    if ((marks & this.marks) === 0) return rawTime;
    if (this.count >= COMPARED) return this.highest + 1;
    let time = (marks & this.beforeMarks) !== 0 ? this.beforeHighest + 1 : rawTime;
    for (let at = 0; at < this.count; at++) {
      const reading = this.readings[at] as Reading;
      if (reading.time >= time && shareMetric(reading.values, values)) time = reading.time + 1;
    }
    return time;
  }

  /** Takes note of a reading whose time `assign` gave. */
  note(reading: Reading, marks: number): void {
    this.marks |= marks;
    if (reading.time > this.highest) this.highest = reading.time;
    if (this.count >= COMPARED) return;
    this.readings[this.count] = reading;
    this.count++;
  }

  private turnTo(rawTime: number): void {
    this.remember();
    this.slot = rawTime > this.latest ? -1 : this.earlier.indexOf(rawTime);
    // Looking at -1 of a list is slow: V8 takes it for the name of a property.
    this.beforeHighest = this.slot < 0 ? rawTime : (this.earlierHighest[this.slot] ?? rawTime);
    this.beforeMarks = this.slot < 0 ? 0 : (this.earlierMarks[this.slot] ?? 0);
    if (rawTime > this.latest) this.latest = rawTime;
    this.rawTime = rawTime;
    this.highest = this.beforeHighest;
    this.marks = this.beforeMarks;
    this.count = 0;
  }

  private remember(): void {
    if (this.count === 0) return;
    const at = this.slot < 0 ? this.turn : this.slot;
    if (this.slot < 0) this.turn = (this.turn + 1) % REMEMBERED;
    this.earlier[at] = this.rawTime;
    this.earlierHighest[at] = this.highest;
    this.earlierMarks[at] = this.count < COMPARED ? this.marks : -1;
  }
}

function shareMetric(a: Values, b: Values): boolean {
  for (const name in a) if (Object.hasOwn(b, name)) return true;
  return false;
}
