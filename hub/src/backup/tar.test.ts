import { expect, test } from 'vitest';
import { paddingOf, readTarHeader, TAR_END, tarHeader } from './tar.js';
import { readTar } from './tar-reader.js';

const MTIME_MS = 1_767_225_600_000;

/** An archive of these texts, in chunks of `chunkBytes`. */
async function* archive(files: Readonly<Record<string, string>>, chunkBytes = 7): AsyncGenerator<Buffer> {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = tarHeader({ name, sizeBytes: content.length, mtimeMs: MTIME_MS });
    return [header, content, Buffer.alloc(paddingOf(content.length))];
  });
  const whole = Buffer.concat([...parts, TAR_END]);
  for (let at = 0; at < whole.length; at += chunkBytes) yield whole.subarray(at, at + chunkBytes);
}

async function read(source: AsyncIterable<Buffer>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, content } of readTar(source)) {
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(part);
    files[name] = Buffer.concat(parts).toString();
  }
  return files;
}

const FILES = {
  'data/state.sqlite': 'a state',
  'data/empty': '',
  [`profiles/${'ä'.repeat(90)}.yaml`]: 'a name that the header does not hold',
  'data/block': 'x'.repeat(512),
};

test.each([1, 7, 512, 100_000])('what was packed is read back, in chunks of %i bytes', async (chunkBytes) => {
  expect(await read(archive(FILES, chunkBytes))).toEqual(FILES);
});

test('a size of more than eleven octal digits stands in a pax header', () => {
  const sizeBytes = 9 * 1024 ** 3;
  const header = tarHeader({ name: 'data/history.duckdb', sizeBytes, mtimeMs: MTIME_MS });
  expect(readTarHeader(header.subarray(0, 512))).toMatchObject({ type: 'pax' });
  expect(header.subarray(512, 1024).toString()).toContain(`size=${sizeBytes}\n`);
});

test('what is no archive, or ends too early, is told', async () => {
  const random = async function* () {
    yield Buffer.alloc(2_048, 'no archive');
  };
  await expect(read(random())).rejects.toThrow('not a tar header');
  const cut = async function* () {
    for await (const chunk of archive(FILES, 600)) {
      yield chunk;
      return;
    }
  };
  await expect(read(cut())).rejects.toThrow('ends too early');
});
