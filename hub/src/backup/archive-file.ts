import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FieldlineError } from '../errors.js';
import { type Contents, checkContents } from './check.js';
import type { Manifest } from './manifest.js';
import { syncPath } from './sync-path.js';
import { unpack } from './unpack.js';

/** What is known of an archive that was checked. */
export interface CheckedArchive {
  readonly manifest: Manifest;
  readonly contents: Contents;
  readonly sizeBytes: number;
}

/**
 * Writes an archive, checks it, and only then gives it its name. Only its owner may read it: it holds hashes of tokens
 * and passwords, and the admin's token.
 * @throws FieldlineError `backup_exists`, `backup_damaged`; the system's errors
 */
export async function writeArchive(source: NodeJS.ReadableStream, path: string): Promise<CheckedArchive> {
  const target = resolve(path);
  await refuseExisting(target);
  const partial = `${target}.part`;
  await rm(partial, { force: true });
  try {
    await pipeline(source, createWriteStream(partial, { flags: 'wx', mode: 0o600 }));
    await syncPath(partial);
    const checked = await checkArchive(partial);
    await refuseExisting(target);
    await rename(partial, target);
    await syncPath(dirname(target));
    return checked;
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Unpacks an archive beside itself, opens everything that is in it, and removes it again: takes the space of what it
 * holds.
 * @throws FieldlineError `backup_damaged`, `backup_newer`, `backup_unreadable`
 */
export async function checkArchive(path: string): Promise<CheckedArchive> {
  const archive = resolve(path);
  const directory = await mkdtemp(join(dirname(archive), `.${basename(archive)}.check-`));
  try {
    const manifest = await unpack(archive, directory);
    const contents = await checkContents(directory, manifest);
    return { manifest, contents, sizeBytes: (await stat(archive)).size };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Throws a readable error early: the archive would come for nothing. */
export async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  throw new FieldlineError('backup_exists', `${path} exists already. Give the backup a name of its own.`);
}
