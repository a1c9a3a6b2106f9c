import { spawnSync } from 'node:child_process';

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
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', debianPackage];
    if (!succeeds([...sudo, ...install])) {
      succeeds([...sudo, 'apt-get', 'update']);
      succeeds([...sudo, ...install]);
    }
    if (succeeds(probe)) return true;
  }
  return missing(`${name} cannot be used here and cannot be installed (Debian: ${debianPackage})`);
}

/** Says that a test cannot run, and why. Throws under `CI=true`. */
export function missing(reason: string): false {
  if (process.env.CI === 'true') throw new Error(reason);
  process.stderr.write(`\n!!! NOT TESTED: ${reason}\n\n`);
  return false;
}

function succeeds([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
}
