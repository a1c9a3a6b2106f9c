import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Whether a program that a test needs is there. A missing one is installed from its Debian package where we may;
 * where we may not, that is said loudly, and is a failure under `CI=true`: a test that silently skips proves
 * nothing.
 * @param probe a command that succeeds when the tool can be used, as argv
 */
export function requireTool(
  name: string,
  debianPackage: string,
  probe: readonly string[] = [name, '--version'],
): boolean {
  if (succeeds(probe)) return true;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (sudo.length === 0 || succeeds([...sudo, 'true'])) {
    const install = ['install', '-y', '--no-install-recommends', debianPackage];
    const said: string[] = [];
    // Lists that are missing or old are the usual reason; a mirror that did not answer is worth one more try.
    const tries = [install, ['update'], install, ['update'], install];
    for (const args of tries) {
      said.push(apt(sudo, args));
      if (succeeds(probe)) return true;
    }
    return missing(
      `${name} cannot be installed (Debian: ${debianPackage}):\n${said.join('\n').slice(-2_000)}`,
    );
  }
  return missing(`${name} cannot be used here and may not be installed (Debian: ${debianPackage})`);
}

/** Says that a test cannot run, and why. Throws under `CI=true`. */
export function missing(reason: string): false {
  if (process.env.CI === 'true') throw new Error(reason);
  process.stderr.write(`\n!!! NOT TESTED: ${reason}\n\n`);
  return false;
}

/**
 * Runs apt-get, and answers what it said. One at a time, whichever tests run beside: for packages it would wait itself,
 * for its lists it gives up at once.
 */
function apt(sudo: readonly string[], args: readonly string[]): string {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
  const [command = '', ...rest] = [
    ...sudo,
    ...['flock', '-w', '280', join(tmpdir(), 'fieldline-apt.lock')],
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    ...options,
    ...args,
  ];
  const { stdout, stderr, error } = spawnSync(command, rest, { encoding: 'utf8', timeout: 300_000 });
  return [`apt-get ${args.join(' ')}`, stdout, stderr, error?.message].filter(Boolean).join('\n');
}

function succeeds([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
}
