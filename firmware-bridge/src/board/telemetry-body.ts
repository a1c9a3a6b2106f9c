import type { DecodedTelemetry } from '@fieldline/protocol';
import { BoardClock } from './board-clock.js';

/** When a message came, and how its uptimes are read. */
export interface Arrival {
  readonly receivedMs: number;
  readonly clock: BoardClock;
  /** It was measured just now; otherwise the board may have kept it for days. */
  readonly isLive: boolean;
}

/**
 * A board's telemetry as it is kept for the hub: JSON without `type`, `seq` and `boot`, which the bridge gives it, and
 * with times instead of uptimes. It may lie on the disk for days, so that only the bridge knows when it was measured.
 * Values stay as the board wrote them: the hub judges them, and keeps what it refuses.
 */
export function telemetryBody(message: DecodedTelemetry, arrival: Arrival): string {
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
    const timeOf = reader(arrival, uptimeOf(rest.rows.at(-1)));
    const rows = rest.rows.map((row: unknown) => {
      const rowUptime = uptimeOf(row);
      return rowUptime === undefined ? row : [timeOf(rowUptime), ...(row as unknown[]).slice(1)];
    });
    return JSON.stringify({ ...rest, rows });
  }
  if (rest.columns !== undefined) {
    if (rest.t0 !== undefined) return JSON.stringify(rest);
    const spanMs = sumOf(rest.dt);
    const t0 = isUptime(uptime)
      ? reader(arrival, uptime + spanMs)(uptime)
      : Math.round(arrival.receivedMs - spanMs);
    return JSON.stringify({ ...rest, t0 });
  }
  if (rest.time !== undefined || rest.values === undefined) return JSON.stringify(rest);
  const time = isUptime(uptime) ? reader(arrival, uptime)(uptime) : arrival.receivedMs;
  return JSON.stringify({ time, ...rest });
}

/** Reads the uptimes of one message. @param newest of its last reading; undefined where that has none */
function reader({ receivedMs, clock, isLive }: Arrival, newest: number | undefined) {
  // Without a clock the last one was measured when it came, and the others keep their distances.
  const known = isLive || clock.isSet ? clock : new BoardClock();
  if (newest !== undefined && known !== clock) known.observe(newest, receivedMs);
  if (newest !== undefined && isLive) clock.observe(newest, receivedMs);
  return (uptimeMs: number) => known.timeOf(uptimeMs, receivedMs);
}

export function isUptime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** A row is `[time, values]`; what is none is left to the hub. */
function uptimeOf(row: unknown): number | undefined {
  const uptime: unknown = Array.isArray(row) ? row[0] : undefined;
  return isUptime(uptime) ? uptime : undefined;
}

/** From the start of columns to their last reading. */
function sumOf(steps: unknown): number {
  if (!Array.isArray(steps)) return 0;
  return steps.reduce((sum: number, step: unknown) => sum + (isUptime(step) ? step : 0), 0);
}
