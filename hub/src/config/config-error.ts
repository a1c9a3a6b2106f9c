import { FieldlineError } from '../errors.js';

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The key (`journal.maxBytes`), or the unknown name as it was written. */
  readonly key: string;
  /** Where it stands: the variable's name, `file:line:column`, or the file. */
  readonly where: string;
  readonly reason: string;
  /** What may stand there. */
  readonly allowed?: string;
  /** The known name that was probably meant. */
  readonly suggestion?: string;
}

/** The configuration will not do. Lists everything that is wrong with it, not only the first thing. */
export class ConfigError extends FieldlineError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super('bad_config', [`The configuration has ${count}:`, ...problems.map(line)].join('\n'));
    this.problems = problems;
  }
}

function line(problem: ConfigProblem): string {
  const subject = problem.where === problem.key ? problem.key : `${problem.key} (${problem.where})`;
  const allowed = problem.allowed === undefined ? '' : `; allowed is ${problem.allowed}`;
  const hint = problem.suggestion === undefined ? '' : `; did you mean ${problem.suggestion}?`;
  return `  ${subject}: ${problem.reason}${allowed}${hint}`;
}
