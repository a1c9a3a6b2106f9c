/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Its path (`ports[1].baud`), or the unknown name as it was written. */
  readonly key: string;
  /** Where it stands: `file:line:column`, a flag, a variable, or a file. */
  readonly where: string;
  readonly reason: string;
  /** What may stand there, in words that finish the sentence "allowed is …". */
  readonly allowed?: string;
  /** The known name that was probably meant. */
  readonly suggestion?: string;
}

/** The configuration will not do. Lists everything that is wrong with it, not only the first thing. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad_config';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super([`The configuration has ${count}:`, ...problems.map(line)].join('\n'));
  }
}

function line({ key, where, reason, allowed, suggestion }: ConfigProblem): string {
  const subject = where === key ? key : `${key} (${where})`;
  const limits = allowed === undefined ? '' : `; allowed is ${allowed}`;
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  return `  ${subject}: ${reason}${limits}${hint}`;
}
