import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from './api/log.js';
import { loadConfig } from './config.js';
import { openStorage } from './storage.js';

test.each(['', '/below'])('a file is no data directory: <file>%s', async (below) => {
  const directory = await mkdtemp(join(tmpdir(), 'fieldline-storage-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'file');
  await writeFile(file, 'precious');
  const config = loadConfig({ FIELDLINE_DATA: file + below });
  const failure = openStorage(config, createLog('silent'), () => undefined);
  await expect(failure).rejects.toMatchObject({ code: 'data_unusable', cause: expect.any(Error) });
  await expect(failure).rejects.toThrow(file + below);
  await expect(failure).rejects.toThrow('FIELDLINE_DATA');
  await expect(failure).rejects.toThrow('not a directory');
});
