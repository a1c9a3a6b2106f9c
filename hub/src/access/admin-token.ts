import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FieldlineError } from '../errors.js';
import { API_TOKEN_PREFIX, type ApiTokenRecord, type ApiTokens } from './api-tokens.js';
import { newSecret } from './secret.js';

/** The admin token that is in force. */
export interface AdminToken {
  readonly token: string;
  readonly record: ApiTokenRecord;
  readonly origin: 'configuration' | 'file' | 'created';
  /** The file in which it is kept; null when the configuration gives it. */
  readonly path: string | null;
}

/**
 * Puts the admin token in force: the configured one, else the one in `<data>/admin-token`, else a new one, which
 * is written there with mode 0600. What stands there wins over what the state file remembers; an admin token from
 * before is revoked.
 * @throws FieldlineError `bad_admin_token` when the file does not hold a token
 */
export function openAdminToken(options: {
  apiTokens: ApiTokens;
  dataDirectory: string;
  configured: string | null;
}): AdminToken {
  const { apiTokens, dataDirectory, configured } = options;
  if (configured !== null) {
    return {
      token: configured,
      record: apiTokens.setAdminToken(configured),
      origin: 'configuration',
      path: null,
    };
  }
  const path = join(dataDirectory, 'admin-token');
  const kept = read(path);
  const token = kept ?? create(path);
  return { token, record: apiTokens.setAdminToken(token), origin: kept === null ? 'created' : 'file', path };
}

function read(path: string): string | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw bad(path, `cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
  const token = content.trim();
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) throw bad(path, 'does not hold a token');
  // Somebody may have copied it carelessly, with rights for everybody.
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return token;
}

/** Written under another name first, so that a crash leaves no file without a token. */
function create(path: string): string {
  const token = newSecret(API_TOKEN_PREFIX);
  const partial = `${path}.new`;
  const descriptor = openSync(partial, 'w', 0o600);
  try {
    writeSync(descriptor, `${token}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  chmodSync(partial, 0o600);
  renameSync(partial, path);
  return token;
}

function bad(path: string, reason: string, cause?: unknown): FieldlineError {
  const message = `The admin token file ${path} ${reason}. Correct it, or remove it to have a new one made.`;
  return new FieldlineError('bad_admin_token', message, { status: 500, cause });
}
