import type { DecodedTelemetry, UptimeClock } from '@fieldline/protocol';

/**
 * A board's telemetry as it is kept for the hub: JSON without `type`, `seq` and `boot`, which the bridge gives it, and
 * with times instead of uptimes. It may lie on the disk for days, so that only the bridge knows when it was measured.
 * Values stay as the board wrote them: the hub judges them, and keeps what it refuses.
 */
export function telemetryBody(message: DecodedTelemetry, receivedMs: number, clock: UptimeClock): string {
  const {
    type: _type,
    seq: _seq,
    boot: _boot,
    uptime,
    clock: rowsClock,
    ...rest
  } = message as DecodedTelemetry & {
    type?: unknown;
  };
  if (rowsClock === 'uptime' && Array.isArray(rest.rows)) {
    return JSON.stringify({ ...rest, rows: rest.rows.map((row) => withTime(row, receivedMs, clock)) });
  }
  if (isUptime(uptime)) {
    const time = toTime(uptime, receivedMs, clock);
    return JSON.stringify(rest.columns === undefined ? { ...rest, time } : { ...rest, t0: time });
  }
  const isUndated = rest.values !== undefined && rest.time === undefined;
  return JSON.stringify(isUndated ? { time: receivedMs, ...rest } : rest);
}

/** The time of a board's uptime, whole milliseconds since 1970. */
export function toTime(uptimeMs: number, receivedMs: number, clock: UptimeClock): number {
  clock.observe(uptimeMs, receivedMs);
  return Math.round(clock.toWallClock(uptimeMs));
}

export function isUptime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** A row is `[time, values]`; what is none is left to the hub. Only the last row was measured just now. */
function withTime(row: unknown, receivedMs: number, clock: UptimeClock): unknown {
  if (!Array.isArray(row) || !isUptime(row[0])) return row;
  return [toTime(row[0], receivedMs, clock), ...row.slice(1)];
}
