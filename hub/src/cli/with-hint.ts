import { HubApiError } from '@fieldline/protocol';
import { CliError } from './cli-error.js';

/**
 * Waits for a request; where the hub refuses it with this code, the failure says what to do about it.
 * @param hintFor the line to add; undefined for none
 */
export async function withHint<T>(
  work: Promise<T>,
  refusal: string,
  hintFor: () => string | undefined | Promise<string | undefined>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CliError && error.cause instanceof HubApiError)) throw error;
    if (error.cause.code !== refusal) throw error;
    const { message, exitCode, cause } = error;
    const hint = (await hintFor()) ?? error.hint;
    throw new CliError(message, { exitCode, cause, ...(hint === undefined ? {} : { hint }) });
  }
}
