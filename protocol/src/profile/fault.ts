import { ProtocolError } from '../errors.js';

/** Where a value stands in a document: keys and list indexes from the top. */
export type Path = readonly (string | number)[];

/** Something wrong in a document, before anybody looked up where that is in the file. */
export interface Fault {
  readonly path: Path;
  /** Whether the key itself is wrong, or what it holds. */
  readonly at: 'key' | 'value';
  readonly reason: string;
  /** What would be right, where that can be said in a few words. */
  readonly allowed?: string;
}

/** A fault of what stands at `path`. */
export function wrong(path: Path, reason: string, allowed?: string): Fault {
  return allowed === undefined ? { path, at: 'value', reason } : { path, at: 'value', reason, allowed };
}

/** Something wrong in a profile file, and exactly where. */
export interface ProfileIssue {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Such as `metrics.temperature.min`; empty for the file as a whole. */
  readonly path: string;
  readonly reason: string;
  readonly allowed?: string;
}

/** One or more profile files are wrong. The message lists every issue, one a line. */
export class ProfileError extends ProtocolError {
  readonly issues: readonly ProfileIssue[];

  constructor(issues: readonly ProfileIssue[]) {
    super('bad_profile', issues.map(describeIssue).join('\n'));
    this.issues = issues;
  }
}

function describeIssue(issue: ProfileIssue): string {
  const where = `${issue.file}:${issue.line}:${issue.column}`;
  const what = issue.path === '' ? issue.reason : `${issue.path}: ${issue.reason}`;
  return issue.allowed === undefined ? `${where} ${what}` : `${where} ${what} (${issue.allowed})`;
}

/** `['simulate', 'door', 'values', 0]` → `simulate.door.values[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
