import { readFile } from 'node:fs/promises';
import { replaceFile } from '../files/replace-file.js';

/** What is kept of a board that was, or is to be, registered by a claim key. */
export interface StoredIdentity {
  /** What names the board for good. */
  readonly hardwareId: string;
  readonly device?: string;
  readonly token?: string;
  /** What to ask with while an operator has not decided. */
  readonly poll?: string;
}

/** Undefined where there is none yet. @throws Error when there is one that cannot be read */
export async function readIdentity(file: string): Promise<StoredIdentity | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stored = JSON.parse(text) as StoredIdentity;
    if (typeof stored?.hardwareId === 'string') return stored;
  } catch {
    // Told below, as any other content that is not ours.
  }
  throw new Error(`${file} holds no identity. Remove it to have the board registered anew.`);
}

/** It is on the disk when this returns. @throws the system's error */
export function writeIdentity(file: string, identity: StoredIdentity): void {
  replaceFile(file, `${JSON.stringify(identity)}\n`);
}
