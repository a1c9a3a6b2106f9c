import { FieldlineError } from '../../errors.js';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import { SinkError } from '../../sinks/sink.js';

const RETRY_AFTER_MS = 5_000;
/** What is wrong with a question is the hub's own fault: the log keeps where it was asked. */
const OWN_FAULTS = new Set<string>(['refused', 'overflow', 'internal']);

/**
 * A failed request as the API answers it. What is no failure of InfluxDB stays what it is. An InfluxDB that is away or
 * refuses the hub is no cause to be hidden and logged at each request: the answer says it, as `/readyz` does.
 */
export function historyErrorOf(error: unknown): unknown {
  const isTimeout = error instanceof InfluxError && error.kind === 'timeout';
  if (isTimeout) {
    return new FieldlineError('history_timeout', `The history did not answer in time: ${error.message}.`, {
      status: 503,
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  if (error instanceof InfluxError || error instanceof SinkError) {
    return new FieldlineError('history_unavailable', `The history cannot be read now: ${error.message}`, {
      status: 503,
      retryAfterMs: RETRY_AFTER_MS,
      ...(OWN_FAULTS.has(error.kind) ? { cause: error } : {}),
    });
  }
  return error;
}

/** @throws FieldlineError 501 `history_unsupported` */
export function refuseVictoriaMetrics(): never {
  throw new FieldlineError(
    'history_unsupported',
    'Readings are in VictoriaMetrics, which does not answer InfluxQL: ask it by its own API (PromQL), or set influx.url ' +
      'to an InfluxDB server, or leave it out for a history in the hub.',
    { status: 501 },
  );
}
