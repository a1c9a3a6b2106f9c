import { readFileSync } from 'node:fs';
import { assemble } from './assemble.js';
import type { BridgeConfig } from './config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { type Flags, readFlags } from './read-flags.js';
import { readYaml } from './read-yaml.js';

/**
 * The configuration of a file, or of flags for one board.
 * @param file wins: with it no flag that describes a board may stand
 * @throws ConfigError with everything that is wrong
 */
export function loadConfig(
  { file, flags }: { readonly file: string | undefined; readonly flags: Flags },
  env: NodeJS.ProcessEnv,
): BridgeConfig {
  const problems: ConfigProblem[] = [];
  const written =
    file === undefined ? readFlags(flags, env, problems) : readYaml(sourceOf(file), file, problems);
  // What is missing is told once all that is there can be read: half of it may be missing for a slip.
  if (problems.length > 0) throw new ConfigError(problems);
  if (written.ports.length === 0) {
    problems.push({
      key: 'ports',
      where: file ?? '',
      reason: 'there are none',
      allowed: 'a list of at least one',
    });
  }
  const config = assemble(written, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = `cannot be read: ${(error as Error).message}`;
    throw new ConfigError([{ key: 'the configuration file', where: file, reason }]);
  }
}
