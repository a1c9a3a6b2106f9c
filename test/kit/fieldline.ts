import { execFile } from 'node:child_process';
import { cleanEnv, ROOT } from './hub-process.js';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end. @param env nothing of the tester's own configuration is in it */
export function fieldline(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [`${ROOT}hub/bin/fieldline.cjs`, ...args],
      { cwd: ROOT, env: { ...cleanEnv(), ...env }, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? Number.NaN);
        resolve({ code, stdout, stderr });
      },
    );
  });
}
