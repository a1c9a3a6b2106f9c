import { join } from 'node:path';
import { load } from 'js-yaml';
import { readIfThere } from '../tree.js';

/** Where the alert rules are, below the directory of the provisioning. */
export const RULES_PATH = 'provisioning/alerting/fieldline-rules.yaml';

/**
 * Uids of the alert rules that a Grafana may have from the files in a directory: those that are there, and those that
 * are deleted there. Grafana keeps a rule that a file no longer holds, until a file says that it be deleted.
 * @throws Error for a file that is no longer what was written, such as one with the marks of a merge
 */
export async function rulesBefore(directory: string): Promise<readonly string[]> {
  const path = join(directory, RULES_PATH);
  const text = await readIfThere(path);
  try {
    return text === undefined ? [] : uidsIn(load(text));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${path} cannot be read, so it is unknown which alert rules Grafana has of it: put it right, or remove it and ` +
        `delete in Grafana what is gone (${words})`,
      { cause: error },
    );
  }
}

interface RulesFile {
  readonly groups: readonly { readonly rules: readonly { readonly uid: string }[] }[];
  readonly deleteRules?: readonly { readonly uid: string }[];
}

function uidsIn(content: unknown): string[] {
  const groups = (content as Partial<RulesFile> | null)?.groups;
  if (!Array.isArray(groups)) throw new Error('it holds no groups of rules');
  const { deleteRules = [], ...file } = content as RulesFile;
  return [...file.groups.flatMap(({ rules }) => rules), ...deleteRules].map(({ uid }) => uid);
}
