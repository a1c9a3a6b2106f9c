import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cleanEnv } from './hub-process.js';

const execute = promisify(execFile);

/** Runs a program to its end and answers its standard output. @throws Error with its standard error */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, [...args], {
    env: cleanEnv(),
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
