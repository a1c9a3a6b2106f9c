import { ApiError } from '../api/client.js';
import { manage as words } from '../strings/manage.js';

/** Why something was not done to a device, in words. */
export function troubleOf(error: unknown): string {
  if (error instanceof ApiError) return words.trouble(error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}
