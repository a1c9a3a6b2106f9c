import { EXIT, type ExitCode } from './exit-codes.js';

/** A failure that is told to the person at the terminal in words, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  /** What to do about it; printed on a line of its own. */
  readonly hint: string | undefined;

  constructor(message: string, options: ErrorOptions & { exitCode?: ExitCode; hint?: string } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.hint = options.hint;
  }
}
