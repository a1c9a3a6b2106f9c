/** What can be wrong with something that arrived: a frame, a file, a topic. */
export type ProtocolErrorCode = 'malformed' | 'bad_profile';

/**
 * Something from outside does not follow the protocol. `code` is stable; `message` is written for the person
 * who made the thing that was refused.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
