import type { Logger } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import { createLog } from './api/log.js';
import { type Hub, startHub } from './app.js';
import { type Config, type Env, loadConfig } from './config.js';

export interface MainOptions {
  /** The environment: the only source of settings besides the file. */
  readonly env: Env;
  readonly configFile?: string;
  /** Whether a log-in link and a new admin token are printed at the start; true by default. */
  readonly greeting?: boolean;
  /** Called when the hub is ready, with the configuration in effect; what it returns, before the hub stops. */
  readonly onReady?: (hub: Hub, config: Config) => Promise<() => Promise<void>>;
}

/** After a signal the hub has so long to flush; then it is ended with exit code 1. */
const STOP_WITHIN_MS = 10_000;

/**
 * Runs the hub until SIGINT or SIGTERM, then stops it gracefully and resolves.
 * @throws whatever keeps it from starting: a message that says what is wrong and what to do
 */
export async function main({ env, configFile, greeting = true, onReady }: MainOptions): Promise<void> {
  // Readings, tokens and logs are for the user of the hub alone, whatever makes the file: also SQLite and DuckDB.
  process.umask(0o077);
  const config = loadConfig(env, configFile === undefined ? {} : { file: configFile });
  const log = openLog(config.logLevel);
  const hub = await startHub(config, log, configFile ?? (env.FIELDLINE_CONFIG || null));
  // Listened for before anybody can know that the hub is there.
  const stopped = stopSignal();
  log.info({ url: hub.url }, 'fieldline is ready');
  if (greeting) greet(hub);
  const leave = await onReady?.(hub, config);
  log.info({ signal: await stopped }, 'stopping');
  const deadline = setTimeout(() => {
    log.fatal('the hub did not stop in time');
    process.exit(1);
  }, STOP_WITHIN_MS);
  await leave?.();
  await hub.close();
  clearTimeout(deadline);
  log.info('stopped');
}

/** JSON lines for machines, readable ones for a person at a terminal. */
function openLog(level: string): Logger {
  if (!process.stdout.isTTY) return createLog(level);
  return createLog(level, pretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }));
}

/** What a person needs at the start. It goes to the terminal and never into the log: it holds secrets. */
function greet({ url, createLoginLink, newAdminToken }: Hub): void {
  const lines = ['', `  Fieldline is ready at ${url}`, '', `  Log in   ${createLoginLink()}`];
  lines.push('           (works once, within ten minutes)');
  if (newAdminToken) {
    lines.push(
      '',
      `  Admin    ${newAdminToken.token}`,
      `           (shown once; kept in ${newAdminToken.path})`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
