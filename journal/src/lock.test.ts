import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DirectoryLock } from './lock.js';
import { temporaryDirectory } from './testing/temporary-directory.js';

const hasProc = existsSync('/proc/self/stat');

describe('lock', () => {
  test('is taken once, and free again after its release', async () => {
    const directory = await temporaryDirectory();
    const lock = await DirectoryLock.take(directory);
    await expect(DirectoryLock.take(directory)).rejects.toMatchObject({ code: 'locked' });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
    await (await DirectoryLock.take(directory)).release();
  });

  test('of a living process blocks, and stays', async () => {
    const directory = await temporaryDirectory();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await writeFile(join(directory, `lock.${other.pid}.`), '');
    await expect(DirectoryLock.take(directory)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${other.pid} `),
    });
    expect(await readdir(directory)).toEqual([`lock.${other.pid}.`]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await DirectoryLock.take(directory)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  test.runIf(hasProc)('of a process whose number was used again does not block', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, `lock.${process.pid}.0badb007-1`), '');
    const lock = await DirectoryLock.take(directory);
    expect(await readdir(directory)).toHaveLength(1);
    await lock.release();
  });

  test('other files are left alone', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'lock'), 'mine');
    await (await DirectoryLock.take(directory)).release();
    expect(await readdir(directory)).toEqual(['lock']);
  });
});
