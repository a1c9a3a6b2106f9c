/**
 * The one error class of the hub. `code` is stable and part of the API; `status` is what HTTP answers.
 * Each wire maps it in one place: api/problem.ts for HTTP, devices/ for the device socket, live/ for viewers.
 */
export class FieldlineError extends Error {
  override readonly name = 'FieldlineError';
  readonly code: string;
  readonly status: number;
  /** When it makes sense to try again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { status?: number; retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = options.status ?? 400;
    this.retryAfterMs = options.retryAfterMs;
  }
}
