import { ApiError } from '../api/client.js';
import { claims as words } from '../strings/claims.js';

/** Why the hub did not do something about claim keys, in words. */
export function claimTrouble(error: unknown): string {
  return error instanceof ApiError ? words.trouble(error.code, error.message) : String(error);
}
