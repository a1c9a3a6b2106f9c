import { expect, it } from 'vitest';
import { openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

async function connection(env: Record<string, string>) {
  const api = await openApi(env);
  const answer = await call(api.app, { url: '/api/v1/connection', headers: api.as('operator') });
  await api.close();
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

it('a hub that listens to loopback says so, and where it could be reached', async () => {
  const { loopbackOnly, urls, otherUrls, mqtt } = await connection({ FIELDLINE_HOST: '127.0.0.1' });
  expect({ loopbackOnly, urls }).toEqual({ loopbackOnly: true, urls: [] });
  for (const url of otherUrls) expect(url).not.toMatch(/127\.|::1|localhost|169\.254/);
  expect(mqtt).toEqual({ embedded: true, host: null, port: 1883, secure: false, prefix: 'fieldline/v1' });
});

it('one with an address of its own names that, and its origins before it', async () => {
  const answer = await connection({
    FIELDLINE_HOST: '192.0.2.7',
    FIELDLINE_ORIGINS: 'https://hub.example,http://localhost:5173',
    FIELDLINE_MQTT_URL: 'mqtts://broker.example',
  });
  expect(answer).toMatchObject({
    loopbackOnly: false,
    urls: ['https://hub.example', expect.stringMatching(/^http:\/\/192\.0\.2\.7:\d+$/)],
    otherUrls: [],
    mqtt: { embedded: false, host: 'broker.example', port: 8883, secure: true },
  });
});

it('behind a proxy a hub on loopback can be reached by the name of the proxy', async () => {
  const answer = await connection({ FIELDLINE_HOST: '127.0.0.1', FIELDLINE_ORIGINS: 'https://hub.example' });
  expect(answer).toMatchObject({ loopbackOnly: false, urls: ['https://hub.example'] });
});
