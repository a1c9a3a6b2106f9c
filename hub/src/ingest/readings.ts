import type { Reading, Value } from '@fieldline/journal';
import type { UptimeClock } from '@fieldline/protocol';
import { type DecodedTelemetry, isForbiddenKey } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import { FLAG } from './flags.js';
import type { Rejects } from './rejects.js';
import { isPlausible, repairTimes } from './times.js';
import { isRecord, type ValueCheck } from './validate.js';

/** Where the readings of a message come from, and what they are checked against. */
export interface ReadingContext {
  readonly device: Device;
  readonly boot: string;
  readonly seq: number;
  /** Of this boot, for times that are given as uptime. */
  readonly clock: UptimeClock;
  readonly nowMs: number;
  readonly check: ValueCheck;
  readonly rejects: Rejects;
  readonly rowsPerMessage: number;
  /** Where the good readings go, in the order of the message: the first `count` places. */
  readonly into: Reading[];
  count: number;
}

/** One row of a message before its time and its values are judged. */
interface Row {
  readonly row: number;
  readonly values: Record<string, unknown>;
}

/**
 * Turns one telemetry message, in any of its three shapes, into readings (protocol §1.2). What is bad goes to
 * `rejects`; the rest is good. Times are final: a replay from the journal writes the same points.
 *
 * @returns how many readings had their time repaired
 */
export function readTelemetry(context: ReadingContext, body: DecodedTelemetry): number {
  if (body.values !== undefined) return readSingle(context, body);
  if (body.rows !== undefined) return readRows(context, body);
  if (body.columns !== undefined) return readColumns(context, body);
  context.rejects.whole('malformed', 0, null, 'values, rows or columns expected');
  return 0;
}

/** One bare reading: an object without a type, stamped when it arrives (protocol §1.1). */
export function readBare(context: ReadingContext, values: Record<string, unknown>): number {
  add(context, values, 0, context.nowMs, FLAG.stamped);
  return 0;
}

function readSingle(context: ReadingContext, body: DecodedTelemetry): number {
  if (!isRecord(body.values)) {
    context.rejects.whole('malformed', 0, body.values, 'values must be an object');
    return 0;
  }
  const { time, uptime } = body;
  // The hot path: a time that is right as it is.
  if (typeof time === 'number' && Number.isInteger(time) && isPlausible(time, context.nowMs)) {
    add(context, body.values, 0, time, 0);
    return 0;
  }
  if (time === undefined && uptime === undefined) return readBare(context, body.values);
  const isUptime = time === undefined;
  return place(
    context,
    [{ row: 0, values: body.values }],
    [isUptime ? uptime : time],
    isUptime ? FLAG.uptime : 0,
  );
}

function readRows(context: ReadingContext, body: DecodedTelemetry): number {
  if (!Array.isArray(body.rows)) {
    context.rejects.whole('malformed', 0, body.rows, 'rows must be a list');
    return 0;
  }
  if (isTooLong(context, body.rows.length, body.rows)) return 0;
  const rows: Row[] = [];
  const times: unknown[] = [];
  for (const [row, pair] of (body.rows as unknown[]).entries()) {
    if (!Array.isArray(pair) || pair.length !== 2 || !isRecord(pair[1])) {
      context.rejects.whole('malformed', row, pair, 'a row must be [time, {values}]');
      continue;
    }
    rows.push({ row, values: pair[1] });
    times.push(pair[0]);
  }
  return place(context, rows, times, body.clock === 'uptime' ? FLAG.uptime : 0);
}

function readColumns(context: ReadingContext, body: DecodedTelemetry): number {
  const { dt, columns } = body;
  if (!Array.isArray(dt) || !isRecord(columns)) {
    context.rejects.whole('malformed', 0, columns, 'dt must be a list, and columns an object of lists');
    return 0;
  }
  if (isTooLong(context, dt.length, columns)) return 0;
  const wrong = dt.findIndex((step) => !Number.isSafeInteger(step));
  if (wrong >= 0) {
    context.rejects.whole('bad_time', wrong, { dt, columns }, 'dt must hold integers, in ms');
    return 0;
  }
  const rows: Row[] = dt.map((_, row) => ({ row, values: {} }));
  for (const name of Object.keys(columns)) {
    const column = columns[name];
    if (!Array.isArray(column) || column.length !== dt.length) {
      context.rejects.value(name, 'malformed', 0, column, `a list of ${dt.length} values expected, as in dt`);
    } else if (isForbiddenKey(name)) {
      context.rejects.value(name, 'bad_metric_name', 0, column, 'this name is reserved');
    } else {
      for (const { row, values } of rows) values[name] = column[row];
    }
  }
  return place(context, rows, columnTimes(context, body, dt), columnFlag(body));
}

/** How the times of columns came about: from `t0`, from `uptime`, or from the hub's clock. */
function columnFlag({ t0, uptime }: DecodedTelemetry): number {
  if (t0 !== undefined) return 0;
  return uptime === undefined ? FLAG.stamped : FLAG.uptime;
}

/** Times of the rows: `t0` (or `uptime`) and the sum of the steps; the last row is now when neither is there. */
function columnTimes(context: ReadingContext, body: DecodedTelemetry, dt: readonly number[]): unknown[] {
  const start = body.t0 === undefined ? body.uptime : body.t0;
  if (start !== undefined && (!Number.isSafeInteger(start) || (start as number) < 0))
    return dt.map(() => start);
  let time = (start as number | undefined) ?? context.nowMs - dt.reduce((sum, step) => sum + step, 0);
  return dt.map((step) => (time += step));
}

function isTooLong(context: ReadingContext, rows: number, raw: unknown): boolean {
  if (rows <= context.rowsPerMessage) return false;
  context.rejects.whole(
    'too_large',
    0,
    raw,
    `a message has at most ${context.rowsPerMessage} rows, got ${rows}`,
  );
  return true;
}

/**
 * Puts rows at their times: refuses times that are none, maps uptimes, repairs what cannot be believed.
 *
 * @param origin what all times are: `FLAG.uptime`, `FLAG.stamped`, or 0 for the device's clock
 */
function place(
  context: ReadingContext,
  rows: readonly Row[],
  given: readonly unknown[],
  origin: number,
): number {
  const isUptime = origin === FLAG.uptime;
  const good: Row[] = [];
  const times: number[] = [];
  for (const [index, row] of rows.entries()) {
    const time = given[index];
    if (!Number.isSafeInteger(time) || (time as number) < 0) {
      const what = isUptime ? 'uptime' : 'time';
      context.rejects.whole(
        'bad_time',
        row.row,
        [time, row.values],
        `${what} must be a non-negative integer, in ms`,
      );
      continue;
    }
    good.push(row);
    times.push(time as number);
  }
  if (good.length === 0) return 0;
  if (isUptime) {
    for (const uptime of times) context.clock.observe(uptime, context.nowMs);
    for (const [index, uptime] of times.entries()) times[index] = context.clock.toWallClock(uptime);
  }
  const flags = repairTimes(times, context.nowMs);
  let repaired = 0;
  for (const [index, { row, values }] of good.entries()) {
    const flag = flags?.[index] ?? 0;
    const isStored = add(context, values, row, times[index] as number, flag | origin);
    if (flag !== 0 && isStored) repaired++;
  }
  return repaired;
}

/** Adds what is good of one row; a row with nothing in it is no reading. */
function add(
  context: ReadingContext,
  raw: Record<string, unknown>,
  row: number,
  timeMs: number,
  flags: number,
) {
  const { device, boot, seq, nowMs } = context;
  const values: Record<string, Value> = context.check.values(device, raw, row, nowMs, context.rejects);
  if (isEmpty(values)) return false;
  const time = device.equalTimes.assign(timeMs * 1000, values, context.check.marks);
  const reading: Reading = { device: device.id, boot, seq, time, receivedAt: nowMs * 1000, values, flags };
  device.equalTimes.note(reading, context.check.marks);
  context.into[context.count++] = reading;
  return true;
}

function isEmpty(values: Readonly<Record<string, Value>>): boolean {
  for (const _ in values) return false;
  return true;
}
