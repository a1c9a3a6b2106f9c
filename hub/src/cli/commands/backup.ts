import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Command } from 'commander';
import type { CheckedArchive } from '../../backup/archive-file.js';
import { configYaml } from '../../config.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { said } from '../said.js';
import { sizeWords } from '../size-words.js';

interface BackupOptions {
  readonly verify?: true;
  readonly json?: true;
}

/** `fieldline backup FILE`: a backup of the hub that runs, or of the data directory of one that does not. */
export function backupCommand(context: Context): Command {
  return new Command('backup')
    .description('back the hub up into one file, also while it runs; the file is checked afterwards')
    .argument('<file>', 'such as fieldline.tar.gz; must not exist yet')
    .option('--verify', 'check a backup that was made before')
    .option('--json', 'print JSON')
    .action(async (file: string, options: BackupOptions) => {
      const work = options.verify ? (await archives()).checkArchive(file) : make(context, file);
      const checked = await said(work);
      print(context, resolve(file), checked, options);
    });
}

/** What opens databases is loaded only here: the other commands stay quick. */
const archives = () => import('../../backup/archive-file.js');

async function make(context: Context, file: string): Promise<CheckedArchive> {
  const { refuseExisting, writeArchive } = await archives();
  // Before the hub is asked: what it does for a backup would be for nothing.
  await refuseExisting(file);
  return writeArchive(await archiveOf(context), file);
}

/** From the hub where one answers; where none does, from the data directory, which tells whether a hub is there. */
async function archiveOf(context: Context): Promise<Readable> {
  const client = await context.hub();
  try {
    const body = await client.download('POST', '/backup', context.stopSignal());
    return Readable.fromWeb(body as ReadableStream<Uint8Array>);
  } catch (error) {
    if (!(error instanceof CliError && error.exitCode === EXIT.unreachable)) throw error;
    const { packStopped } = await import('../../backup/offline.js');
    const config = context.config();
    const settings = {
      profiles: config.profiles,
      configFile: context.configFile() ?? (context.env.FIELDLINE_CONFIG || null),
      effective: configYaml(config),
    };
    context.terminal.note(`${error.message} Its data directory is backed up: ${resolve(config.data)}`);
    return packStopped(config.data, settings, context.now());
  }
}

function print({ terminal }: Context, file: string, checked: CheckedArchive, { json }: BackupOptions): void {
  const { manifest, contents, sizeBytes } = checked;
  const { hub, at, history, files } = manifest;
  if (json) {
    terminal.print(JSON.stringify({ file, sizeBytes, hub, at, history, files: files.length, ...contents }));
    return;
  }
  const { devices, users, commands, values, pending } = contents;
  terminal.print(`${file}   ${sizeWords(sizeBytes)}, of ${at}, by Fieldline ${hub}`);
  terminal.print(`${files.length} files, all as written; every store opens, and they agree`);
  terminal.print(`${devices} devices, ${users} users, ${commands} commands`);
  if (values !== null)
    terminal.print(`${values} values in the history, ${pending} readings on their way to it`);
  else terminal.note('The history is in InfluxDB and not in this file: back it up as well (influxd backup).');
}
