import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { FieldlineError } from '../errors.js';
import { damaged, MANIFEST, type Manifest, readManifest } from './manifest.js';
import type { PackedFile } from './pack.js';
import { readTar, type TarEntry } from './tar-reader.js';

/** Nothing else belongs into a backup; nothing of it may leave the directory it is unpacked into. */
const NAME = /^(manifest\.json|(config|profiles|data|data\/journal)\/[^/]+)$/;

/**
 * Unpacks an archive into a directory and compares every file with the manifest. What was unpacked until an error is
 * left there.
 * @throws FieldlineError `backup_damaged` naming the file, `backup_newer`, `backup_unreadable`
 */
export async function unpack(archive: string, directory: string): Promise<Manifest> {
  const found = new Map<string, PackedFile>();
  let reading = 'its beginning';
  const source = createReadStream(archive);
  const gunzip = createGunzip();
  // An error of the file has to reach whoever reads the archive.
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const entry of readTar(gunzip)) {
      if (!NAME.test(entry.name) || entry.name.split('/').some((part) => part === '..' || part === '.')) {
        throw damaged(`it holds ${JSON.stringify(entry.name)}, which is no part of a backup`);
      }
      reading = entry.name;
      found.set(entry.name, await write(entry, join(directory, entry.name)));
    }
  } catch (error) {
    if (error instanceof FieldlineError) throw error;
    if (error instanceof Error && 'syscall' in error) throw unreadable(archive, error);
    // A broken piece of the stream shows up behind it: the checksums know where it was.
    if (found.has(MANIFEST)) compare(readManifest(join(directory, MANIFEST)), found);
    throw damaged(`${reading} cannot be read (${error instanceof Error ? error.message : error})`, error);
  } finally {
    source.destroy();
  }
  if (!found.has(MANIFEST)) throw damaged('it has no manifest, so it is not whole');
  const manifest = readManifest(join(directory, MANIFEST));
  compare(manifest, found);
  return manifest;
}

async function write({ name, sizeBytes, content }: TarEntry, path: string): Promise<PackedFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await file.appendFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { name, sizeBytes, sha256: hash.digest('hex') };
}

/** @throws FieldlineError `backup_damaged` */
function compare(manifest: Manifest, found: ReadonlyMap<string, PackedFile>): void {
  for (const { name, sizeBytes, sha256 } of manifest.files) {
    const file = found.get(name);
    if (file === undefined) throw damaged(`${name} is missing`);
    if (file.sizeBytes !== sizeBytes || file.sha256 !== sha256)
      throw damaged(`${name} is not what was written`);
  }
  const known = new Set([MANIFEST, ...manifest.files.map(({ name }) => name)]);
  for (const name of found.keys()) if (!known.has(name)) throw damaged(`${name} is not in its manifest`);
}

function unreadable(archive: string, cause: Error): FieldlineError {
  return new FieldlineError('backup_unreadable', `${archive} cannot be read: ${cause.message}`, { cause });
}
