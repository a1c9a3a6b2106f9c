import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { description } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
  await api.app.ready();
});
afterAll(() => api.close());

/** Every operation, asked for with an empty body where it may have one. */
const operations = (): (InjectOptions & { url: string })[] =>
  Object.entries(description(api.app).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase() as NonNullable<InjectOptions['method']>,
      url: path.replaceAll(/\{\w+\}/g, '1'),
      ...(method === 'get' || method === 'delete' ? {} : { payload: {} }),
    })),
  );

it('checks what every route is sent: its schemas can be compiled when they are needed first', async () => {
  const all = operations();
  expect(all.length).toBeGreaterThan(50);
  for (const operation of all) {
    for (const query of ['', '?no_such_parameter=1']) {
      const request = { ...operation, url: `${operation.url}${query}`, headers: bearer(ADMIN_TOKEN) };
      const { statusCode, body } = await api.app.inject(request);
      expect(statusCode === 503 ? 200 : statusCode, `${request.method} ${request.url} ${body}`).toBeLessThan(
        500,
      );
    }
  }
});

it('says each time what is wrong, not only the first time', async () => {
  const request = { method: 'POST', url: '/api/v1/devices', headers: bearer(ADMIN_TOKEN) } as const;
  for (const id of ['', 'no space', '']) {
    const answer = await api.app.inject({ ...request, payload: { id } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors[0].path).toBe('body.id');
  }
  expect((await api.app.inject({ ...request, payload: { id: 'a-1' } })).statusCode).toBe(201);
});
