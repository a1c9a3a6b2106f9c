import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { BACKUP_FORMAT, FORMATS } from './manifest.js';
import { type PackFile, pack } from './pack.js';
import { TAR_END, tarHeader } from './tar.js';
import { unpack } from './unpack.js';

const FILES: readonly PackFile[] = [
  { name: 'data/state.sqlite', text: 'a state '.repeat(10_000) },
  { name: 'data/journal/1.seg', text: 'a segment '.repeat(20_000) },
  { name: 'data/history.duckdb', text: 'a history '.repeat(30_000) },
];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-unpack-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

async function archive(files: readonly PackFile[] = FILES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const describe = async () => ({
    ...{ format: BACKUP_FORMAT, hub: '0.1.0', at: '2026-01-01T00:00:00.000Z', formats: FORMATS },
    ...{ history: 'duckdb' as const, journalHead: 7 },
  });
  for await (const chunk of pack(files, { describe, nowMs: 0 })) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

function read(bytes: Buffer) {
  const path = join(directory, 'archive.tar.gz');
  writeFileSync(path, bytes);
  return unpack(path, join(directory, 'to'));
}

/** The archive with one byte of one file changed, as if it had been packed like that. */
function flipped(bytes: Buffer, name: string): Buffer {
  const tar = gunzipSync(bytes);
  const at = tar.indexOf(name) + 512 + 1_000;
  tar[at] = (tar[at] ?? 0) ^ 1;
  return gzipSync(tar);
}

test('what was packed is unpacked', async () => {
  const { files } = await read(await archive());
  expect(files.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
});

test.each(FILES.map(({ name }) => name))(
  'one byte of %s that is another one is found, and the file named',
  async (name) => {
    await expect(read(flipped(await archive(), name))).rejects.toThrow(`${name} is not what was written`);
  },
);

test('a byte of the compressed archive that is another one is found wherever it is', async () => {
  const whole = await archive();
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    rmSync(join(directory, 'to'), { recursive: true, force: true });
    const answer = await read(bytes).then(
      // The head of gzip holds a time and a system that mean nothing.
      () => (at < 10 ? 'backup_damaged' : `byte ${at} was not missed`),
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(answer).toBe('backup_damaged');
  }
});

test('an archive that ends early, and what is none, are damage', async () => {
  const whole = await archive();
  for (const share of [0, 0.3, 0.9, 0.999]) {
    rmSync(join(directory, 'to'), { recursive: true, force: true });
    const cut = read(whole.subarray(0, Math.floor(whole.length * share)));
    await expect(cut).rejects.toMatchObject({ code: 'backup_damaged' });
  }
  await expect(read(Buffer.from('not an archive'))).rejects.toMatchObject({ code: 'backup_damaged' });
  await expect(unpack(join(directory, 'none'), directory)).rejects.toMatchObject({
    code: 'backup_unreadable',
  });
});

test.each(['../../evil', 'data/../../evil', '/etc/evil', 'data/journal/a/b', 'other'])(
  'a file %s is no part of a backup, and is not written',
  async (name) => {
    const tar = Buffer.concat([tarHeader({ name, sizeBytes: 0, mtimeMs: 0 }), TAR_END]);
    await expect(read(gzipSync(tar))).rejects.toThrow('no part of a backup');
    expect(existsSync(join(directory, 'evil'))).toBe(false);
  },
);

test('a file that is missing, and one that is too many, are damage', async () => {
  const tar = gunzipSync(await archive());
  const second = tar.indexOf('data/journal/1.seg');
  const third = tar.indexOf('data/history.duckdb');
  const without = Buffer.concat([tar.subarray(0, second), tar.subarray(third)]);
  await expect(read(gzipSync(without))).rejects.toThrow('data/journal/1.seg is missing');
  rmSync(join(directory, 'to'), { recursive: true, force: true });
  const more = Buffer.concat([tarHeader({ name: 'data/more', sizeBytes: 0, mtimeMs: 0 }), tar]);
  await expect(read(gzipSync(more))).rejects.toThrow('data/more is not in its manifest');
});
