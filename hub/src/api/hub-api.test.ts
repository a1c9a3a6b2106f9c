import { HubApi, HubApiError } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type OpenApi, openApi } from './api.fixture.js';
import { description } from './described.fixture.js';

let api: OpenApi;
let url: string;

beforeAll(async () => {
  api = await openApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.close());

/** What is asked by others: devices, scrapers, programs that read descriptions, browsers that save a file. */
const NOT_OFFERED = new Set([
  'get /api/v1/openapi.json',
  'get /api/v1/asyncapi.json',
  'post /api/v1/ingest/{device}',
  'post /api/v1/provision',
  'get /api/v1/telemetry/export',
  'get /api/v1/audit/export',
  'post /api/v1/backup',
]);

describe('the client of the API', () => {
  it('asks for every operation of the OpenAPI document, and for nothing else', async () => {
    const asked = new Set<string>();
    const client = new HubApi({
      url: '',
      fetch: async (input, init) => {
        asked.add(`${init?.method?.toLowerCase()} ${String(input).split('?')[0]}`);
        return Response.json({ items: [], next: null });
      },
    });
    const methods = Object.getOwnPropertyNames(HubApi.prototype).filter((name) => name !== 'constructor');
    for (const name of methods as (keyof HubApi)[]) {
      const ask = client[name] as (...values: string[]) => unknown;
      const answer = name === 'command' ? client.command('(1)') : ask.call(client, '(1)', '(2)', '(3)');
      if (answer instanceof Promise) await answer;
      else for await (const _ of answer as AsyncIterable<unknown>) expect.unreachable();
    }
    const described = Object.entries(description(api.app).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const offered = described.filter((name) => name.includes(' /api/v1/') && !NOT_OFFERED.has(name));
    const named = (text: string) => text.replaceAll(/\{\w+\}|\(\d\)/g, '*');
    expect([...asked].map(named).sort()).toEqual(offered.map(named).sort());
  });

  it('lists page by page, and gives one page where it is asked for one', async () => {
    const client = new HubApi({ url, token: ADMIN_TOKEN, fetch });
    for (const id of ['a', 'b', 'c']) await client.addDevice({ id });
    const first = await client.devices().page(undefined, { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['a', 'b']);
    const rest = await client.devices().page(first.next ?? undefined, { limit: 2 });
    expect([rest.items.map(({ id }) => id), rest.next]).toEqual([['c'], null]);
    const all: string[] = [];
    for await (const { id } of client.devices()) all.push(id);
    expect(all).toEqual(['a', 'b', 'c']);
    await client.removeDevice('c');
    expect(await client.device('a')).toMatchObject({ id: 'a', online: false });
  });

  it('throws what the hub says, with its code', async () => {
    const client = new HubApi({ url, token: ADMIN_TOKEN, fetch });
    const failure = await client.device('nobody').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HubApiError);
    expect(failure).toMatchObject({ status: 404, code: expect.stringMatching(/^[a-z_]+$/) });
    const stranger = new HubApi({ url, fetch });
    await expect(stranger.users().page()).rejects.toMatchObject({ status: 401 });
  });

  it('throws where nothing answers, nothing in time, or no hub; and gives up when it is told', async () => {
    const refused = new HubApi({ url: 'http://127.0.0.1:1', fetch });
    await expect(refused.device('a')).rejects.toMatchObject({ code: 'unreachable', status: 0 });
    const never: typeof fetch = (_input, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const slow = new HubApi({ url, fetch: never, timeoutMs: 1 });
    await expect(slow.device('a')).rejects.toMatchObject({ code: 'timeout', status: 0 });
    const given = new AbortController();
    const asked = new HubApi({ url, fetch: never }).device('a', { signal: given.signal });
    given.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    const stranger = new HubApi({ url, fetch: async () => new Response('<html>') });
    await expect(stranger.device('a')).rejects.toMatchObject({ code: 'not_a_hub' });
    const proxy = new HubApi({
      url,
      fetch: async () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }),
    });
    await expect(proxy.device('a')).rejects.toMatchObject({ code: 'http_502', message: 'Bad Gateway' });
  });
});
