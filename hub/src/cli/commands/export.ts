import { Command, Option } from 'commander';
import type { Context } from '../context.js';

interface ExportOptions {
  readonly out: string;
  readonly format: 'csv' | 'ndjson';
}

/** `fieldline export --out DIR`: everything that the hub knows, in formats that anything reads. */
export function exportCommand(context: Context): Command {
  return new Command('export')
    .description(
      'write everything into files that any program reads: devices, people, audit, commands, readings',
    )
    .requiredOption('--out <dir>', 'directory that it is written to; must not exist yet, or be empty')
    .addOption(new Option('--format <format>', 'of the readings').choices(['csv', 'ndjson']).default('csv'))
    .action(async ({ out, format }: ExportOptions) => {
      const { exportAll } = await import('../../export/export-all.js');
      const { terminal } = context;
      const files = await exportAll(await context.hub(), {
        ...{ out, format, nowMs: context.now(), signal: context.stopSignal() },
        onFile: (name) => terminal.progress(name),
      });
      terminal.progress(null);
      terminal.print(`${files.length} files are in ${out}; export.json tells what each of them is`);
    });
}
