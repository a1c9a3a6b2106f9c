import { Command } from 'commander';
import { ConfigError } from '../../config.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** `fieldline start`: runs the hub in this process until SIGINT or SIGTERM. */
export function startCommand(context: Context): Command {
  return new Command('start')
    .description('run the hub in the foreground, until SIGINT or SIGTERM')
    .option('--no-secrets', 'print no log-in link and no new token: where what is printed ends up in a log')
    .action(async ({ secrets }: { secrets: boolean }) => {
      // The server and its native modules are loaded only here: the other commands stay quick.
      const { main } = await import('../../main.js');
      const configFile = context.configFile();
      try {
        await main({
          env: context.env,
          greeting: secrets,
          ...(configFile === undefined ? {} : { configFile }),
        });
      } catch (error) {
        throw explained(error);
      }
    });
}

/** A failure with a code is one that explains itself in words; any other keeps its stack trace. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof ConfigError)
    return new CliError(error.message, { exitCode: EXIT.usage, cause: error });
  if (!('code' in error) || typeof error.code !== 'string') return error;
  return new CliError(error.message, { cause: error });
}
