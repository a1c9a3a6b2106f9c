import { ApiError } from '../api/client.js';
import { people as words } from '../strings/people.js';

/** Why the hub did not do something, in words. */
export function troubleOf(error: unknown): string {
  if (error instanceof ApiError) return words.trouble(error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}
