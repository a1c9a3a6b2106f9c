import { readFile } from 'node:fs/promises';
import { cHeader, loadProfile, ProfileError } from '@fieldline/protocol';
import { Command } from 'commander';
import { utc } from '../age.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { printable } from '../terminal.js';

/**
 * `fieldline profile retype`: repairs the type of a metric, for all devices of a profile. `fieldline profile header`:
 * a profile for firmware in C.
 */
export function profileCommand(context: Context): Command {
  const profile = new Command('profile').description('kinds of devices');

  profile
    .command('retype <profile> <metric> <type>')
    .description(
      'give a metric another type (number, boolean, string), for all devices of a profile; ' +
        '`default` stands for the devices without one',
    )
    .option('--json', 'print JSON')
    .action((name: string, metric: string, type: string, options: { json?: true }) =>
      retype(context, [name, metric, type], options),
    );

  profile
    .command('header <profile>')
    .description(
      'print a C header for firmware: metrics, limits, commands. A name is asked of the hub; a file (.yaml) is read',
    )
    .action((name: string) => header(context, name));

  return profile;
}

async function header({ terminal, hub }: Context, name: string): Promise<void> {
  const document = /\.ya?ml$/.test(name) ? await fromFile(name) : await (await hub()).profile(name);
  terminal.print(cHeader(document).trimEnd());
}

async function fromFile(path: string) {
  try {
    return loadProfile(await readFile(path, 'utf8'), path).document;
  } catch (error) {
    if (error instanceof ProfileError) throw new CliError(error.message, { cause: error });
    throw new CliError(`${path} cannot be read.`, { exitCode: EXIT.usage, cause: error });
  }
}

async function retype(
  { terminal, hub }: Context,
  [profile, metric, type]: readonly [profile: string, metric: string, type: string],
  options: { json?: true },
): Promise<void> {
  const retyped = await (await hub()).retype(profile, metric, type);
  if (options.json) return terminal.print(JSON.stringify(retyped));
  const since = retyped.fixedAt === null ? 'as the profile says' : `since ${utc(retyped.fixedAt)}`;
  terminal.note(`${printable(metric)} of ${printable(profile)} is a ${retyped.type}, ${since}.`);
}
