import type { Config } from '../config.js';
import type { HubClient } from './hub-client.js';
import type { Terminal } from './terminal.js';

/** What the commands share. Everything is found out only when a command asks for it. */
export interface Context {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** The configuration file named on the command line. */
  configFile(): string | undefined;
  /** The hub's configuration as it would start here. Throws CliError (usage) when it is not valid. */
  config(): Config;
  /** Finds the hub and a token for it. */
  hub(): Promise<HubClient>;
  /** Aborted when the person wants to stop (Ctrl-C). Only a command that asks for it outlives the signal. */
  stopSignal(): AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
}
