import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from './listen.js';

function server() {
  const app = Fastify();
  onTestFinished(() => app.close());
  return app;
}

test('says where it listens', async () => {
  expect(await listen(server(), { host: '127.0.0.1', port: 0 })).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('a port that is taken is named, with the key that chooses another', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const failure = listen(server(), { host: '127.0.0.1', port });
  await expect(failure).rejects.toMatchObject({
    code: 'cannot_listen',
    cause: expect.objectContaining({ code: 'EADDRINUSE' }),
  });
  await expect(failure).rejects.toThrow(`127.0.0.1:${port}`);
  await expect(failure).rejects.toThrow('FIELDLINE_PORT');
});

test.each(['192.0.2.1', '2001:db8::1'])('an address that is not ours is named: %s', async (host) => {
  const failure = listen(server(), { host, port: 0 });
  await expect(failure).rejects.toMatchObject({ code: 'cannot_listen' });
  await expect(failure).rejects.toThrow(host);
  await expect(failure).rejects.toThrow('FIELDLINE_HOST');
});
