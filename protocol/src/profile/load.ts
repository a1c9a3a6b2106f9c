import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { buildProfile } from './build.js';
import { checkProfile } from './check.js';
import { type Fault, formatPath, ProfileError, type ProfileIssue, wrong } from './fault.js';
import { locate } from './locate.js';
import type { Profile } from './profile.js';
import { ProfileDocument } from './schema.js';
import { shapeFaults } from './shape.js';

/**
 * Reads one device profile from YAML.
 * @param file its name, as errors shall call it
 * @throws ProfileError with every issue of the file, each with its line and column
 */
export function loadProfile(text: string, file: string): Profile {
  return readProfile(text, file).profile;
}

/**
 * Reads all `*.yaml` and `*.yml` of a directory, by the profile's name. A directory that does not exist holds
 * no profiles.
 * @throws ProfileError with every issue of every file; two files with the same profile name are one, too
 */
export async function loadProfiles(dir: string): Promise<Map<string, Profile>> {
  const profiles = new Map<string, Profile>();
  const files = new Map<string, string>();
  const issues: ProfileIssue[] = [];
  for (const file of await profileFiles(dir)) {
    try {
      const { profile, issueOf } = readProfile(await readFile(file, 'utf8'), file);
      const other = files.get(profile.name);
      if (other !== undefined) {
        issues.push(issueOf(wrong(['profile'], `${profile.name} is also the profile of ${other}`)));
      }
      profiles.set(profile.name, profile);
      files.set(profile.name, file);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ProfileError(issues);
  return profiles;
}

interface ReadProfile {
  readonly profile: Profile;
  /** Where a fault that is found later stands in the file. */
  readonly issueOf: (fault: Fault) => ProfileIssue;
}

function readProfile(text: string, file: string): ReadProfile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const issues = syntaxIssues(document, lines, file);
  if (issues.length > 0) throw new ProfileError(issues);
  const issueOf = (fault: Fault): ProfileIssue => {
    const issue = {
      file,
      ...locate(document, lines, fault),
      path: formatPath(fault.path),
      reason: fault.reason,
    };
    return fault.allowed === undefined ? issue : { ...issue, allowed: fault.allowed };
  };
  const content = contentOf(document, file);
  const shape = shapeFaults(content, ProfileDocument);
  // References between parts can be judged only when the parts have their shape.
  const faults = shape.length > 0 ? shape : checkProfile(content as ProfileDocument);
  if (faults.length > 0) throw new ProfileError(faults.map(issueOf));
  return { profile: buildProfile(content as ProfileDocument), issueOf };
}

async function profileFiles(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    return names
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(dir, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** What the YAML itself is wrong in. A warning (an unknown tag) means that a value is not what it seems. */
function syntaxIssues(document: Document.Parsed, lines: LineCounter, file: string): ProfileIssue[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: '', reason: error.message };
  });
}

function contentOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias that resolves to nothing, or to far too much.
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProfileError([{ file, line: 1, column: 1, path: '', reason }]);
  }
}
