import { CommanderError } from 'commander';
import { type Config, loadConfig } from '../config.js';
import { CliError } from './cli-error.js';
import { findHub } from './connection.js';
import type { Context } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { HubClient } from './hub-client.js';
import { buildProgram, type GlobalOptions } from './program.js';
import { openTerminal, type Streams, type Terminal } from './terminal.js';

/** The process, as far as the command line uses it. */
export interface Host extends Streams {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * Runs one command line to its end and answers the exit code. Failures are told on stderr, in words.
 * Only `start` and `tail` stay: until a signal.
 */
export async function run(host: Host): Promise<ExitCode> {
  const terminal = openTerminal(host, host.env);
  let options: () => GlobalOptions = () => ({});
  const context: Context = {
    terminal,
    env: host.env,
    configFile: () => options().config,
    config: () => configOf(host.env, options().config),
    hub: async () => {
      const connection = await findHub(host.env, () => context.config(), options().url);
      return new HubClient(connection);
    },
    stopSignal: () => stopSignal(host),
    now: Date.now,
  };
  const program = buildProgram(context);
  options = () => program.opts<GlobalOptions>();
  try {
    await program.parseAsync([...host.argv]);
    return EXIT.ok;
  } catch (error) {
    return tell(terminal, error);
  }
}

function configOf(env: NodeJS.ProcessEnv, file: string | undefined): Config {
  try {
    return loadConfig(env, file === undefined ? {} : { file });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(message, { exitCode: EXIT.usage, cause: error });
  }
}

function stopSignal(host: Host): AbortSignal {
  const stop = new AbortController();
  host.once('SIGINT', () => stop.abort());
  host.once('SIGTERM', () => stop.abort());
  return stop.signal;
}

function tell(terminal: Terminal, error: unknown): ExitCode {
  // Commander has printed its message already; its exit code is 0 for --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { red, dim } = terminal.colors;
  if (error instanceof CliError) {
    terminal.note(`${red('error:')} ${error.message}`);
    if (error.hint !== undefined) terminal.note(dim(error.hint));
    return error.exitCode;
  }
  terminal.note(
    `${red('error:')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return EXIT.failed;
}
