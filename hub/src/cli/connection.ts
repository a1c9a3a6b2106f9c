import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownAddress } from '../config/own-address.js';
import type { Config } from '../config.js';
import { CliError } from './cli-error.js';
import { EXIT } from './exit-codes.js';

/** Where the hub is, and what the command line shows it. */
export interface Connection {
  /** Base address, without a trailing slash. */
  readonly url: string;
  /** Absent when none was found: the hub's 401 then says so. */
  readonly token: string | undefined;
  /** Where the token came from, or where one was looked for, in words for a message. */
  readonly tokenSource: string;
}

/** What an address looks like, for messages. */
const EXAMPLE = 'http://127.0.0.1:8080';

/** The file, in the hub's data directory, that holds the token made at the first start. */
export const ADMIN_TOKEN_FILE = 'admin-token';

/**
 * Finds the hub and a token for it: `FIELDLINE_URL` (or `url`, which wins) and `FIELDLINE_API_TOKEN`; else what the
 * configuration says of the hub on this machine: its address, and `adminToken` or the file in its data directory.
 * @param config asked only for what the environment does not say
 * @throws CliError (usage) when the address is not one, or the file is there but cannot be read
 */
export async function findHub(
  env: NodeJS.ProcessEnv,
  config: () => Pick<Config, 'host' | 'port' | 'tls' | 'data' | 'adminToken'>,
  url?: string,
): Promise<Connection> {
  const address = baseUrl(url ?? (env.FIELDLINE_URL || ownAddress(config())));
  const given = env.FIELDLINE_API_TOKEN?.trim();
  if (given) return { url: address, token: given, tokenSource: 'FIELDLINE_API_TOKEN' };
  const { adminToken, data } = config();
  if (adminToken !== null)
    return { url: address, token: adminToken, tokenSource: 'adminToken of the configuration' };
  const file = join(data, ADMIN_TOKEN_FILE);
  try {
    const token = (await readFile(file, 'utf8')).trim();
    return { url: address, token: token || undefined, tokenSource: file };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { url: address, token: undefined, tokenSource: file };
    }
    throw new CliError(`The token in ${file} cannot be read: ${messageOf(error)}`, {
      exitCode: EXIT.usage,
      hint: 'Run this as the user that runs the hub, or set FIELDLINE_API_TOKEN.',
      cause: error,
    });
  }
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(`${text} is not an address of a hub.`, {
      exitCode: EXIT.usage,
      hint: `It looks like ${EXAMPLE}`,
    });
  }
  return url.href.replace(/\/+$/, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
