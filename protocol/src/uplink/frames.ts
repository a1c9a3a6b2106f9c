import type { ValueOrNull } from '../messages/fields.js';
import type { Wire } from './wire.js';

/** What a device measured at one moment, by metric. */
export type Readings = Readonly<Record<string, ValueOrNull>>;

/**
 * Telemetry is kept as the part of its frame that follows the number, so that it is turned into JSON once,
 * however often it is written, and under whatever number.
 */
export type Tail = string;

/** Room for `{"type":"telemetry","seq":` and sixteen digits; and for the number alone. */
const HEAD_BYTES = 48;
const SEQ_BYTES = 29;
/** Of UTF-8 a character takes three bytes at most; of CBOR four (`1.1,`) take nine. */
const MOST_BYTES_PER_CHAR = 3;

/** One reading; `timeMs` null leaves the time to the hub. @throws TypeError when the time is not a number */
export function valuesTail(values: Readings, timeMs: number | null): Tail {
  return `,${timeField(timeMs)}"values":${JSON.stringify(values)}}`;
}

/** Telemetry of any shape, without `type` and `seq`. */
export function bodyTail(body: Readonly<Record<string, unknown>>): Tail {
  return jsonTail(JSON.stringify(body));
}

/** The same of a body that is JSON already. */
export function jsonTail(body: string): Tail {
  const json = body.slice(1);
  return json === '}' ? json : `,${json}`;
}

/** The whole frame. */
export function numberedFrame(seq: number, tail: Tail): string {
  return `{"type":"telemetry","seq":${seq}${tail}`;
}

/** The whole frame of a best-effort reading, which has no number. */
export function bestEffortFrame(tail: Tail): string {
  return `{"type":"telemetry"${tail}`;
}

/** Whether the frame stays within `maxBytes`. Only where the length leaves it open is it measured. */
export function fits(tail: Tail, maxBytes: number, wire: Pick<Wire, 'lengthOf'>): boolean {
  if (HEAD_BYTES + tail.length * MOST_BYTES_PER_CHAR <= maxBytes) return true;
  return SEQ_BYTES + wire.lengthOf(bestEffortFrame(tail)) <= maxBytes;
}

function timeField(timeMs: number | null): string {
  if (timeMs === null) return '';
  if (!Number.isFinite(timeMs)) throw new TypeError(`time: milliseconds since 1970 expected, got ${timeMs}`);
  return `"time":${timeMs},`;
}
