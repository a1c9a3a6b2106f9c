import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MANIFEST, type Manifest } from './manifest.js';
import { paddingOf, TAR_END, tarHeader } from './tar.js';

/** A file for the archive: so many bytes from the beginning of a file on the disk, or a text. */
export type PackFile =
  | { readonly name: string; readonly path: string; readonly sizeBytes: number }
  | { readonly name: string; readonly text: string };

export type PackedFile = Manifest['files'][number];

export interface PackOptions {
  /** Called when a file has been read to its end. */
  readonly onPacked?: (name: string) => void;
  /**
   * Called when all files have been read: the rest of the manifest. It is not written, and the archive not whole,
   * when this throws.
   */
  readonly describe: () => Promise<Omit<Manifest, 'files'>>;
  readonly nowMs: number;
}

/** Most of what is packed is compressed already: more effort takes time and saves little. */
export const GZIP_LEVEL = 1;

const CHUNK_BYTES = 256 * 1024;

/**
 * The tar archive of these files, in their order, with the manifest at its end.
 * @throws the system's errors; Error when a file is shorter than was said
 */
export async function* pack(files: readonly PackFile[], options: PackOptions): AsyncGenerator<Buffer> {
  const { onPacked, describe, nowMs } = options;
  const packed: PackedFile[] = [];
  for (const file of files) {
    const sizeBytes = 'text' in file ? Buffer.byteLength(file.text) : file.sizeBytes;
    const hash = createHash('sha256');
    yield tarHeader({ name: file.name, sizeBytes, mtimeMs: nowMs });
    for await (const chunk of 'text' in file ? [Buffer.from(file.text)] : contentOf(file)) {
      hash.update(chunk);
      yield chunk;
    }
    yield Buffer.alloc(paddingOf(sizeBytes));
    packed.push({ name: file.name, sizeBytes, sha256: hash.digest('hex') });
    onPacked?.(file.name);
  }
  const manifest: Manifest = { ...(await describe()), files: packed };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  yield tarHeader({ name: MANIFEST, sizeBytes: text.length, mtimeMs: nowMs });
  yield text;
  yield Buffer.alloc(paddingOf(text.length));
  yield TAR_END;
}

async function* contentOf({ path, sizeBytes }: { path: string; sizeBytes: number }): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < sizeBytes; ) {
      // A buffer of its own for each chunk: whoever compresses it may still be at it when the next one is read.
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`${path} has become shorter: ${at} of ${sizeBytes} bytes`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
