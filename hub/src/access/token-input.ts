import { isText } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';

/**
 * Checks what a person gave for a new token.
 * @throws FieldlineError `bad_token` 422
 */
export function checkToken(name: string | null, expiresAt: number | null, nowMs: number): void {
  if (name !== null && !isText(name)) {
    throw new FieldlineError('bad_token', 'name is a text of at most 128 bytes without NUL.', {
      status: 422,
    });
  }
  if (expiresAt !== null && !(Number.isSafeInteger(expiresAt) && expiresAt > nowMs)) {
    throw new FieldlineError('bad_token', 'expiresAt is a time in the future, in ms since 1970.', {
      status: 422,
    });
  }
}
