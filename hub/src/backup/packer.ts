import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Manifest } from './manifest.js';
import { GZIP_LEVEL, type PackFile, pack } from './pack.js';

/** What the hub tells the process that packs; what that one tells the hub. */
export type ToPacker =
  | { readonly files: readonly PackFile[]; readonly nowMs: number }
  | { readonly manifest: Omit<Manifest, 'files'> };
export type FromPacker = { readonly packed: string } | { readonly done: true } | { readonly failed: string };

/**
 * Packs a backup as a process of its own. Reading the files in the hub's process would cost it its locks: POSIX
 * gives up a process's locks on a file as soon as the process closes any descriptor of it, and both SQLite and
 * DuckDB lock that way. The archive goes to standard output; what is said, over the channel.
 */
async function main(): Promise<void> {
  const [first] = await message();
  if (!('files' in first)) throw new Error('the files come first');
  const archive = pack(first.files, {
    nowMs: first.nowMs,
    onPacked: (packed) => tell({ packed }),
    describe: async () => {
      const described = message();
      tell({ done: true });
      const [last] = await described;
      if (!('manifest' in last)) throw new Error('the manifest comes last');
      return last.manifest;
    },
  });
  await pipeline(
    Readable.from(archive, { objectMode: false }),
    createGzip({ level: GZIP_LEVEL }),
    process.stdout,
  );
}

function message(): Promise<[ToPacker]> {
  return new Promise((resolve) => process.once('message', (told: ToPacker) => resolve([told])));
}

function tell(told: FromPacker): void {
  process.send?.(told);
}

// The hub is gone: nobody wants the archive any more.
process.once('disconnect', () => process.exit(1));
main().then(
  () => process.exit(0),
  (error: unknown) => {
    tell({ failed: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.disconnect();
  },
);
