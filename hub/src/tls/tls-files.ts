import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { FieldlineError } from '../errors.js';

/** Where the PEM files are. */
export interface TlsPaths {
  /** The certificate, and after it those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** The certificates that sign those of devices; null where devices have none. */
  readonly clientCa: string | null;
}

/** What stood in the files at one time, and fits together. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa: Buffer | null;
  /** Tells whether two readings of the files are the same, without keeping either. */
  readonly fingerprint: string;
}

/** Older versions are broken (RFC 8996). */
export const MIN_TLS_VERSION = 'TLSv1.2';

/**
 * Reads the files.
 * @throws FieldlineError `bad_certificate` that names the file, or says that certificate and key do not belong together
 */
export async function readTlsFiles(paths: TlsPaths): Promise<TlsFiles> {
  const cert = await read('tls.cert', paths.cert);
  const key = await read('tls.key', paths.key);
  const clientCa = paths.clientCa === null ? null : await read('tls.clientCa', paths.clientCa);
  requireUse('tls.cert', paths.cert, { cert });
  requireUse('tls.key', paths.key, { key });
  if (clientCa !== null && paths.clientCa !== null) {
    requireUse('tls.clientCa', paths.clientCa, { ca: clientCa });
    // OpenSSL takes a file without any certificate for an empty list.
    if (!clientCa.includes('-----BEGIN CERTIFICATE-----')) {
      throw bad(`tls.clientCa: there is no certificate in ${paths.clientCa}`);
    }
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw bad(`${paths.key} is not the key of the certificate in ${paths.cert}`, error);
  }
  const hash = createHash('sha256');
  for (const part of [cert, key, clientCa ?? Buffer.alloc(0)]) hash.update(`${part.length}:`).update(part);
  return { cert, key, clientCa, fingerprint: hash.digest('base64') };
}

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw bad(`${setting}: ${path} cannot be read (${reasonOf(error)})`, error);
  }
}

function requireUse(setting: string, path: string, options: Parameters<typeof createSecureContext>[0]): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw bad(`${setting}: ${path} is no PEM file that can be used (${reasonOf(error)})`, error);
  }
}

function bad(message: string, cause?: unknown): FieldlineError {
  return new FieldlineError('bad_certificate', message, { status: 503, cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
