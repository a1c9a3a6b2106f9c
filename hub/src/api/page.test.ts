import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenApi, openApi } from './api.fixture.js';
import { findPage } from './page.js';

let api: OpenApi;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-page-'));
  mkdirSync(join(directory, 'page', 'assets'), { recursive: true });
  writeFileSync(join(directory, 'page', 'index.html'), '<!doctype html><title>Fieldline</title>');
  writeFileSync(join(directory, 'page', 'mark.svg'), '<svg/>');
  writeFileSync(join(directory, 'page', '.secret'), 'secret');
  writeFileSync(join(directory, 'page', 'assets', 'app-1a2b3c.js'), 'export {};');
  writeFileSync(join(directory, 'outside.txt'), 'outside');
  api = await openApi({}, { page: join(directory, 'page') });
});
afterAll(async () => {
  await api.close();
  rmSync(directory, { recursive: true });
});

const get = (url: string) => api.app.inject({ url });

describe('the page', () => {
  it('is asked for again each time', async () => {
    for (const url of ['/', '/index.html', '/mark.svg']) {
      const answer = await get(url);
      expect(answer.statusCode, url).toBe(200);
      expect(answer.headers['cache-control'], url).toBe('no-cache');
    }
    expect((await get('/')).headers['content-type']).toMatch(/^text\/html/);
  });

  it('is answered by 304 when it has not changed', async () => {
    const { etag } = (await get('/')).headers;
    const again = await api.app.inject({ url: '/', headers: { 'if-none-match': String(etag) } });
    expect(again.statusCode).toBe(304);
  });

  it('has assets that are cached for ever', async () => {
    const answer = await get('/assets/app-1a2b3c.js');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toMatch(/javascript/);
  });

  it.each([
    '/nothing',
    '/assets/app-old.js',
    '/assets/',
    '/.secret',
    '/../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/api/v1/nothing',
  ])('is not %s', async (url) => {
    const answer = await get(url);
    expect([403, 404]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('says how to build it when it is not', async () => {
    const empty = await openApi({}, { page: join(directory, 'nowhere') });
    const answer = await empty.app.inject({ url: '/' });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('npm run build');
    await empty.close();
  });

  it('lies in the dashboards package', () => {
    expect(findPage()).toMatch(/dashboards\/live\/dist$/);
  });
});
