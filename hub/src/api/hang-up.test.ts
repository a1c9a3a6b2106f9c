import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type OpenApi, openApi } from './api.fixture.js';

let api: OpenApi;
let base: URL;

beforeEach(async () => {
  api = await openApi();
  base = new URL(await api.listen());
});
afterEach(() => api.close());

describe('a server that stops', () => {
  it('hangs up on connections that never asked for anything', async () => {
    const accepted = once(api.app.server, 'connection');
    const socket = connect(Number(base.port), base.hostname).resume();
    await accepted;
    const closed = once(socket, 'close');
    await api.app.close();
    await closed;
  });

  it('gives requests that are under way a moment, and no more', async () => {
    api.registry.create({ id: 'a-1' });
    api.seen('a-1', 'temperature', 21.5);
    let asked = () => {};
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    api.outside.history.query = () => {
      asked();
      return new Promise(() => {});
    };
    const headers = api.as('viewer');
    const answer = fetch(new URL('/api/v1/devices/a-1/telemetry?metric=temperature', base), { headers });
    const cut = expect(answer).rejects.toThrow();
    await underWay;
    await api.app.close();
    await cut;
  });

  it('tells requests that still come when to come again', async () => {
    api.registry.create({ id: 'a-1' });
    api.seen('a-1', 'temperature', 21.5);
    let release = () => {};
    const asked = new Promise<void>((resolve) => {
      api.outside.history.query = () => {
        resolve();
        return new Promise((answer) => {
          release = () => answer(api.outside.points);
        });
      };
    });
    const socket = connect(Number(base.port), base.hostname);
    let answers = '';
    socket.on('data', (bytes) => {
      answers += bytes;
    });
    const closed = once(socket, 'close');
    const { authorization } = api.as('viewer');
    const path = '/api/v1/devices/a-1/telemetry?metric=temperature';
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
    await asked;
    const stopped = api.app.close();
    await vi.waitUntil(() => !api.app.server.listening);
    const second = once(api.app.server, 'request');
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await second;
    release();
    await Promise.all([stopped, closed]);
    expect(answers).toMatch(/^HTTP\/1.1 200 OK/);
    expect(answers).toContain('HTTP/1.1 503 Service Unavailable');
    expect(answers).toContain('retry-after: 5');
    expect(answers).toContain('"code":"stopping"');
  });

  it('answers what came before', async () => {
    const answers = [fetch(new URL('/healthz', base)), fetch(new URL('/readyz', base))];
    for (const answer of answers) expect((await answer).status).toBe(200);
    await api.app.close();
  });
});
