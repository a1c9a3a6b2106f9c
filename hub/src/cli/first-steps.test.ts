import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { curlExample, isLoopback, sketchExample } from './first-steps.js';
import { listen } from './listen.fixture.js';

const steps = { hubUrl: 'http://192.168.4.2:8080', device: 'esp-1', token: 'fld_abc' };

test('the curl command, pasted as it is, sends one reading with the token', async () => {
  const received: { url?: string | undefined; authorization?: string | undefined; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const body: unknown = JSON.parse(await textOf(request));
    received.push({ url: request.url, authorization: request.headers.authorization, body });
    response.end('{}');
  });
  const hubUrl = await listen(server);
  try {
    const command = curlExample({ ...steps, hubUrl });
    await promisify(execFile)('sh', ['-c', `${command} -s`]);
  } finally {
    server.close();
  }
  expect(received).toEqual([
    {
      url: '/api/v1/ingest/esp-1',
      authorization: 'Bearer fld_abc',
      body: { values: { temperature: 21.5 } },
    },
  ]);
});

test('the sketch names the host, the port and the credentials', () => {
  expect(sketchExample(steps)).toContain('hub.begin("192.168.4.2", 8080, "/ws/v1/device");');
  expect(sketchExample(steps)).toContain('hub.setAuthorization("esp-1", "fld_abc");');
  expect(sketchExample({ ...steps, hubUrl: 'https://hub.example' })).toContain(
    'hub.beginSSL("hub.example", 443, "/ws/v1/device");',
  );
});

test('only this machine reaches a loopback address', () => {
  expect(isLoopback('http://127.0.0.1:8080')).toBe(true);
  expect(isLoopback('http://[::1]:8080')).toBe(true);
  expect(isLoopback('http://localhost')).toBe(true);
  expect(isLoopback('http://192.168.4.2:8080')).toBe(false);
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
