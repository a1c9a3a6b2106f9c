import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { EXIT } from './exit-codes.js';
import { HubClient } from './hub-client.js';
import { listen } from './listen.fixture.js';

const connection = { url: 'http://hub.local', token: 'fla_0123456789', tokenSource: '/data/admin-token' };

/** A client whose requests are answered by `answer`; what it asked is kept in `asked`. */
function clientOf(answer: (request: Request) => Response, from: { token: string | undefined } = connection) {
  const asked: Request[] = [];
  const client = new HubClient({ ...connection, ...from }, async (input, init) => {
    const request = new Request(input, init);
    asked.push(request);
    return answer(request);
  });
  return { client, asked };
}

test('a list is read page by page', async () => {
  const pages: Record<string, object> = {
    first: { items: [{ id: 'a' }, { id: 'b' }], next: 'second' },
    second: { items: [{ id: 'c' }], next: null },
  };
  const { client, asked } = clientOf((request) => {
    return Response.json(pages[new URL(request.url).searchParams.get('cursor') ?? 'first']);
  });
  const ids: string[] = [];
  for await (const device of client.devices({ online: 'true' })) ids.push(device.id);
  expect(ids).toEqual(['a', 'b', 'c']);
  expect(asked.map((request) => request.url)).toEqual([
    'http://hub.local/api/v1/devices?online=true&limit=500',
    'http://hub.local/api/v1/devices?online=true&limit=500&cursor=second',
  ]);
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer fla_0123456789');
});

test('a device is registered by POST, and ids are escaped in paths', async () => {
  const { client, asked } = clientOf((request) =>
    request.method === 'POST'
      ? Response.json({ device: { id: 'esp-1' }, token: 'fld_x' }, { status: 201 })
      : new Response(null, { status: 204 }),
  );
  expect(await client.addDevice({ id: 'esp-1', tags: { site: 'north' } })).toMatchObject({ token: 'fld_x' });
  expect(await asked[0]?.json()).toEqual({ id: 'esp-1', tags: { site: 'north' } });
  await client.removeDevice('../users');
  expect(asked[1]?.url).toBe('http://hub.local/api/v1/devices/..%2Fusers');
});

describe('failures', () => {
  const problem = (status: number, body: object) => clientOf(() => Response.json(body, { status })).client;

  test('the reason and the code of a problem are told', async () => {
    const client = problem(409, { title: 'Conflict', detail: 'esp-1 exists.', code: 'device_exists' });
    await expect(client.addDevice({ id: 'esp-1' })).rejects.toMatchObject({
      message: 'esp-1 exists. (device_exists)',
      exitCode: EXIT.failed,
    });
  });

  test('an unknown device has its own exit code', async () => {
    const client = problem(404, { detail: 'No such device.', code: 'unknown_device' });
    await expect(client.device('x')).rejects.toMatchObject({ exitCode: EXIT.notFound });
  });

  test('a refused token is named by its source, and not shown whole', async () => {
    const failure = await problem(401, { detail: 'Not accepted.', code: 'unauthorised' })
      .device('x')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: EXIT.unauthorised });
    const { message } = failure as Error;
    expect(message).toContain('/data/admin-token');
    expect(message).toContain('fla_0123');
    expect(message).not.toContain('fla_0123456789');
  });

  test('a missing token is told as such', async () => {
    const { client, asked } = clientOf(() => Response.json({}, { status: 401 }), { token: undefined });
    await expect(client.device('x')).rejects.toMatchObject({
      exitCode: EXIT.unauthorised,
      hint: expect.stringContaining('/data/admin-token'),
    });
    expect(asked[0]?.headers.has('authorization')).toBe(false);
  });

  test('a hub that is not there: how to start it', async () => {
    const nobody = new HubClient({ ...connection, url: 'http://127.0.0.1:1' });
    await expect(nobody.device('x')).rejects.toMatchObject({
      exitCode: EXIT.unreachable,
      hint: expect.stringContaining('fieldline start'),
    });
  });

  test('a port that ends the connection without a word: it may speak TLS', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()));
    const client = new HubClient({ ...connection, url: await listen(server) });
    await expect(client.device('x')).rejects.toMatchObject({
      exitCode: EXIT.unreachable,
      hint: expect.stringContaining('https://'),
    });
    server.close();
  });

  test('an answer that is no JSON', async () => {
    const { client } = clientOf(() => new Response('<html>', { status: 200 }));
    await expect(client.device('x')).rejects.toThrow('does not look like a Fieldline hub');
  });

  test('a refusal that no hub would give', async () => {
    const { client } = clientOf(() => new Response('<html>', { status: 404 }));
    await expect(client.device('x')).rejects.toMatchObject({
      message: 'What answers at http://hub.local does not look like a Fieldline hub.',
      hint: expect.stringContaining('FIELDLINE_URL'),
    });
  });
});
