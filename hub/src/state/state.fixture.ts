import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import type { Audit, AuditFilter } from './audit.js';
import { StateFile } from './state-file.js';

/** A state file in a directory of its own, for one test. */
export class TestState {
  readonly directory = mkdtempSync(join(tmpdir(), 'fieldline-state-'));
  readonly path = join(this.directory, 'state.sqlite');
  file = StateFile.open(this.path);

  /** What a restart of the hub does to the file. */
  reopen(): StateFile {
    this.file.close();
    this.file = StateFile.open(this.path);
    return this.file;
  }

  remove(): void {
    this.file.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** A clock that stands still until it is moved; ms since 1970. */
export class TestClock {
  ms = 1_767_225_600_000;
  readonly now = (): number => this.ms;
}

/** The code of the error that `work` throws; `none` when it throws nothing. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FieldlineError) return error.code;
    throw error;
  }
  return 'none';
}

/** What the audit has to say, newest first. */
export function entriesOf(audit: Audit, filter: AuditFilter = {}): AuditEntry[] {
  return [...audit.slices(filter)].flat();
}
