import { Command } from 'commander';
import { utc } from '../age.js';
import type { Context } from '../context.js';
import { printable } from '../terminal.js';

/** `fieldline profile retype`: repairs the type of a metric, for all devices of a profile. */
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

  return profile;
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
