import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenApi, openApi } from './api.fixture.js';
import { call, type Description } from './described.fixture.js';

let api: OpenApi;
let document: Description & { components: { schemas: Record<string, unknown> }; tags: { name: string }[] };

beforeAll(async () => {
  api = await openApi();
  document = (await call(api.app, { url: '/api/v1/openapi.json' })).json();
});
afterAll(() => api.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      operation: operation as typeof operation & Record<string, unknown>,
    })),
  );

describe('the OpenAPI document', () => {
  it('is of version 3.1 and needs no log-in', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Fieldline' } });
  });

  it('names every route of the API', () => {
    // Fastify's own list, so that a route that hides itself does not go unnoticed.
    const known = api.app
      .printRoutes({ commonPrefix: false, includeHooks: false })
      .split('\n')
      .flatMap((line) => {
        const [, , methods] = /(\/\S*|\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
        return methods === undefined ? [] : methods.split(', ').filter((method) => method !== 'HEAD');
      });
    const hidden = ['GET /', 'GET /ws/v1/live', 'GET /api/docs', 'GET /api/docs/style.css'];
    expect(operations().length + hidden.length).toBe(known.length);
  });

  it('describes each: id, summary, a known tag, who may, and every kind of answer', () => {
    const ids = new Set<unknown>();
    const tags = document.tags.map(({ name }) => name);
    for (const { name, operation } of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
      expect(ids.has(operation.operationId), name).toBe(false);
      ids.add(operation.operationId);
      expect(operation.summary, name).toMatch(/^[A-Z]/);
      expect(tags, name).toContain((operation.tags as string[])[0]);
      expect(operation.security, name).toBeInstanceOf(Array);
      expect(operation.responses.default?.content, name).toHaveProperty(['application/problem+json']);
    }
  });

  it('has no reference to nowhere, and uses each component', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect([...new Set(references)].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('asks for no parameter that has a default', () => {
    const devices = document.paths['/api/v1/devices']?.get as unknown as {
      parameters: { name: string; required: boolean }[];
    };
    expect(devices.parameters.find(({ name }) => name === 'limit')?.required).toBe(false);
  });

  it('writes tuples as JSON Schema 2020-12 does', () => {
    expect(JSON.stringify(document)).not.toContain('additionalItems');
    expect(JSON.stringify(document.components.schemas.TelemetryMessage)).toContain('prefixItems');
  });
});
