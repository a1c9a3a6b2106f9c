import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
let deviceToken: string;

beforeAll(async () => {
  api = await openApi();
  api.registry.create({ id: 'a-1' });
  api.seen('a-1', 'temperature', 21.5);
  deviceToken = api.deviceTokens.create('a-1').token;
});
afterAll(() => api.close());

const keys = [
  'id',
  'name',
  'profile',
  'tags',
  'disabled',
  'role',
  'expiresAt',
  '__proto__',
  'constructor',
  'code',
];

const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()).map((value) => JSON.stringify(value)),
);

/** Whatever is sent, the hub answers, as described, and does not take the fault on itself. */
async function answers(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  payload?: string | Buffer,
): Promise<boolean> {
  const token = url.includes('ingest') ? deviceToken : ADMIN_TOKEN;
  const headers = { ...bearer(token), 'content-type': 'application/json' };
  const request = { method, url, headers };
  const answer = await call(api.app, payload === undefined ? request : { ...request, payload });
  return answer.statusCode < 500 && Object.keys(Object.prototype).length === 0;
}

describe('nothing that is sent breaks the API', () => {
  it.each([
    ['POST', '/api/v1/devices'],
    ['PATCH', '/api/v1/devices/a-1'],
    ['POST', '/api/v1/devices/a-1/tokens'],
    ['POST', '/api/v1/tokens'],
    ['POST', '/api/v1/session'],
    ['POST', '/api/v1/ingest/a-1'],
  ] as const)('as a body of %s %s', async (method, url) => {
    await fc.assert(
      fc.asyncProperty(body, (payload) => answers(method, url, payload)),
      { numRuns: 60 },
    );
  });

  it.each(['/api/v1/devices', '/api/v1/devices/a-1/telemetry', '/api/v1/telemetry/export'])(
    'as a query of %s',
    async (path) => {
      const names = [
        'limit',
        'cursor',
        'online',
        'q',
        'tag.site',
        'metric',
        'from',
        'to',
        'points',
        'device',
        'format',
      ];
      const values = fc.oneof(
        fc.string(),
        fc.integer().map(String),
        fc.constantFrom('temperature', 'a-1', 'true'),
      );
      const query = fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(query, (pairs) => answers('GET', `${path}?${new URLSearchParams(pairs)}`)),
        { numRuns: 60 },
      );
    },
  );

  it('as an address', async () => {
    await fc.assert(
      fc.asyncProperty(fc.webPath(), (path) => answers('GET', `/api/v1${path}`)),
      { numRuns: 60 },
    );
  });
});
