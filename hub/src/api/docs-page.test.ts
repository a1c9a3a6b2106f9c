import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenApi, openApi } from './api.fixture.js';
import { description } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

it('the API is described for people: every route, every shape, no script', async () => {
  const answer = await api.app.inject({ url: '/api/docs' });
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  for (const path of Object.keys(description(api.app).paths))
    expect(answer.body).toContain(`<code>${path}</code>`);
  const links = [...answer.body.matchAll(/href="#([\w-]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(20);
  for (const id of links) expect(answer.body).toContain(`id="${id}"`);
  expect(answer.body).not.toMatch(/<script|style=|undefined|\[object/);
});

it('its style comes from the hub, as the security policy demands', async () => {
  const answer = await api.app.inject({ url: '/api/docs/style.css' });
  expect(answer.headers['content-type']).toBe('text/css; charset=utf-8');
});
