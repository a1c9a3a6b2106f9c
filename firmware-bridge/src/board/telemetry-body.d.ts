import type { DecodedTelemetry, UptimeClock } from '@fieldline/protocol';
/**
 * A board's telemetry as it is kept for the hub: JSON without `type`, `seq` and `boot`, which the bridge gives it, and
 * with times instead of uptimes. It may lie on the disk for days, so that only the bridge knows when it was measured.
 * Values stay as the board wrote them: the hub judges them, and keeps what it refuses.
 */
export declare function telemetryBody(message: DecodedTelemetry, receivedMs: number, clock: UptimeClock): string;
/** The time of a board's uptime, whole milliseconds since 1970. */
export declare function toTime(uptimeMs: number, receivedMs: number, clock: UptimeClock): number;
export declare function isUptime(value: unknown): value is number;
//# sourceMappingURL=telemetry-body.d.ts.map