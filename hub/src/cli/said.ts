import { JournalError } from '@fieldline/journal';
import { FieldlineError } from '../errors.js';
import { CliError } from './cli-error.js';

/** Waits for work of the hub's own parts: their errors say in words what is wrong, and need no stack trace. */
export async function said<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isTold = error instanceof FieldlineError || error instanceof JournalError;
    // The system's errors name the file and what could not be done with it.
    const isSystems = error instanceof Error && 'syscall' in error;
    if (isTold || isSystems) throw new CliError(error.message, { cause: error });
    throw error;
  }
}
