import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isHealthy } from './healthy.js';

/** A hub that answers `/readyz` with this, and the environment of a container whose settings are in a file. */
async function hubThatSays(status: number): Promise<{ FIELDLINE_CONFIG: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const directory = mkdtempSync(join(tmpdir(), 'fieldline-healthy-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'hub.yaml');
  writeFileSync(file, `host: 0.0.0.0\nport: ${(server.address() as AddressInfo).port}\n`);
  return { FIELDLINE_CONFIG: file, stop };
}

test.each([
  [200, true],
  [503, false],
])('a hub that answers %i is healthy: %s, wherever its configuration puts it', async (status, expected) => {
  const { stop, ...env } = await hubThatSays(status);
  onTestFinished(stop);
  expect(await isHealthy(env)).toBe(expected);
});

test('nobody there, and a configuration that is wrong, are not healthy', async () => {
  const { stop, ...env } = await hubThatSays(200);
  await stop();
  expect(await isHealthy(env)).toBe(false);
  expect(await isHealthy({ FIELDLINE_PORT: 'nine' })).toBe(false);
});
