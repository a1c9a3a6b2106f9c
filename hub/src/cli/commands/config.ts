import { Command } from 'commander';
import { configYaml, maskSecrets } from '../../config.js';
import type { Context } from '../context.js';

/** `fieldline config`: the configuration in effect, from defaults, file and environment, secrets masked. */
export function configCommand(context: Context): Command {
  return new Command('config')
    .description('print the configuration in effect, with secrets masked')
    .option('--json', 'print JSON')
    .action((options: { json?: true }) => {
      const config = context.config();
      const shown = options.json
        ? JSON.stringify(maskSecrets(config), null, 2)
        : configYaml(config).trimEnd();
      context.terminal.print(shown);
    });
}
