/**
 * The hub said no, or said nothing. `code` is the stable one of the problem (RFC 9457); `http_<status>` where a refusal
 * has none; `unreachable` and `timeout` where no answer came; `not_a_hub` where the answer is not one of a hub.
 */
export class HubApiError extends Error {
  override readonly name: string = 'HubApiError';
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;

  constructor(code: string, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}
