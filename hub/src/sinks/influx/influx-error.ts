import { SinkError, type SinkErrorKind } from '../sink.js';

/**
 * What went wrong between the hub and InfluxDB: `network` (no answer), `timeout`, `credentials` (401, 403, missing
 * rights), `missing` (no such database), `refused` (the query is wrong, or not for this server), `overflow` (a number in
 * the answer is infinite), `server` (5xx).
 */
export type InfluxErrorKind =
  | 'network'
  | 'timeout'
  | 'credentials'
  | 'missing'
  | 'refused'
  | 'overflow'
  | 'server';

/**
 * A request to InfluxDB that failed. It has no cause on purpose: the errors of the client library hold the
 * request with its credentials.
 */
export class InfluxError extends Error {
  override readonly name = 'InfluxError';
  readonly kind: InfluxErrorKind;

  constructor(kind: InfluxErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

const SINK_KINDS: Readonly<Record<InfluxErrorKind, SinkErrorKind>> = {
  network: 'network',
  timeout: 'network',
  credentials: 'credentials',
  // Somebody has to make the database, or to correct its name: the pump holds, and nothing is dropped.
  missing: 'credentials',
  refused: 'internal',
  overflow: 'internal',
  server: 'overload',
};

/** The error as the pump takes it. */
export function sinkErrorOf(error: unknown): SinkError {
  if (error instanceof SinkError) return error;
  if (error instanceof InfluxError) return new SinkError(SINK_KINDS[error.kind], error.message);
  return new SinkError('internal', error instanceof Error ? error.message : String(error));
}

/** Whether the database, or a retention policy in it, is not there any more. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof InfluxError)) return false;
  return error.kind === 'missing' || /retention policy not found/.test(error.message);
}

/** What InfluxDB's own words say about the kind of its error. */
export function kindOfMessage(message: string): InfluxErrorKind {
  if (/authoriz|authentic|not authorized|unauthorized|forbidden|permission|credentials/i.test(message)) {
    return 'credentials';
  }
  if (/database not found|database name required|no dbrp|not found: (database|bucket)/i.test(message)) {
    return 'missing';
  }
  if (/timeout|interrupted/i.test(message)) return 'timeout';
  return 'refused';
}

/** What a status other than 2xx means. */
export function answeredWith(status: number, body: string): InfluxError {
  const text = messageOf(body);
  const message = `InfluxDB answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (status === 401 || status === 403) return new InfluxError('credentials', message);
  if (status === 404) return new InfluxError('missing', message);
  if (status === 408 || status === 429 || status >= 500) return new InfluxError('server', message);
  return new InfluxError(kindOfMessage(text), message);
}

function messageOf(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    return String(message ?? error ?? '').slice(0, 300);
  } catch {
    return body.trim().slice(0, 300);
  }
}
