import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../context.js';
import { said } from '../said.js';

/** `fieldline restore FILE`: puts a backup into the data directory of a hub that does not run. */
export function restoreCommand(context: Context): Command {
  return new Command('restore')
    .description('put a backup into the data directory; the hub must not run')
    .argument('<file>', 'made by `fieldline backup`')
    .option('--force', 'move what is in the data directory aside')
    .action(async (file: string, { force }: { force?: true }) => {
      // What opens databases is loaded only here: the other commands stay quick.
      const { restore } = await import('../../backup/restore.js');
      const { terminal } = context;
      const { data } = context.config();
      const done = await said(restore(file, data, { force: force === true, nowMs: context.now() }));
      const { manifest, contents, movedTo, settings } = done;
      terminal.print(
        `${resolve(data)} is as it was at ${manifest.at}, when Fieldline ${manifest.hub} made the backup:`,
      );
      const { devices, users, commands, values } = contents;
      terminal.print(`${devices} devices, ${users} users, ${commands} commands`);
      if (values !== null) terminal.print(`${values} values in the history`);
      else terminal.note('The history was in InfluxDB: restore it there (influxd restore).');
      if (movedTo !== null) terminal.note(`What was there is in ${movedTo}.`);
      terminal.note(
        `The configuration and the profiles of that hub are in ${settings}; compare them with those here.`,
      );
      // Without it the hub would start on another directory from a shell that has not exported it.
      const setting = context.env.FIELDLINE_DATA ? `FIELDLINE_DATA=${word(resolve(data))} ` : '';
      terminal.note(`Start the hub: ${setting}fieldline start`);
    });
}

/** A path as one word of a shell. */
function word(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
