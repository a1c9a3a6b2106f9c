/**
 * `ok`: as it should be. `warn`: it works, and will not always, or is not safe. `fail`: it does not work. `skip`: cannot
 * be seen from here.
 */
export type FindingState = 'ok' | 'warn' | 'fail' | 'skip';

/** What one check of `fieldline doctor` found. */
export interface Finding {
  /** What was looked at: `hub`, `sink influx`, `disk`. */
  readonly check: string;
  readonly state: FindingState;
  /** Stable, for scripts: `disk_full`; `ok` and `not_seen` where there is nothing more to say. */
  readonly code: string;
  /** In a sentence, without a full stop. */
  readonly message: string;
  /** What to do; of every `warn` and `fail`. */
  readonly remedy?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', code: 'ok', message };
}

export function skip(check: string, message: string): Finding {
  return { check, state: 'skip', code: 'not_seen', message };
}

export function warn(check: string, code: string, message: string, remedy: string): Finding {
  return { check, state: 'warn', code, message, remedy };
}

export function fail(check: string, code: string, message: string, remedy: string): Finding {
  return { check, state: 'fail', code, message, remedy };
}
