import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelError, type Notice } from './channel.js';
import { sign, Webhook } from './webhook.js';

let server: Server;
let asked: { url: string; authorization: string | undefined; body: Record<string, unknown> }[];
let answer: { status: number; headers: Record<string, string> };

beforeEach(async () => {
  asked = [];
  answer = { status: 204, headers: {} };
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      asked.push({
        url: request.url ?? '',
        authorization: request.headers.authorization,
        body: JSON.parse(text),
      });
      response.writeHead(answer.status, answer.headers).end('no');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const hook = (changes: Partial<ConstructorParameters<typeof Webhook>[0]> = {}, user = '') =>
  new Webhook({
    url: `http://${user}127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`,
    ...{ secret: null, authorization: null, perMinute: 10, now: () => 1_000_000, ...changes },
  });
const notice = (event: string) =>
  ({ event, at: 1, text: event, alarm: { id: event, level: 'stale' } }) as unknown as Notice;
const { signal } = new AbortController();

describe('a webhook', () => {
  it('signs as Standard Webhooks says', () => {
    // The example of the specification.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(sign(secret, content)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('posts one notice as it is, and several as a digest', async () => {
    await hook().send({ id: 'm1', notices: [notice('raised')] }, signal);
    await hook().send({ id: 'm2', notices: [notice('raised'), notice('cleared')] }, signal);
    expect(asked[0]).toMatchObject({
      url: '/a?b=c',
      body: { id: 'm1', event: 'alarm.raised', alarm: { id: 'raised' } },
    });
    expect(asked[1]?.body).toMatchObject({
      event: 'alarm.digest',
      count: 2,
      text: '2 alarms: 1 stale, 1 cleared',
    });
    expect(asked[1]?.body.alarms).toMatchObject([{ event: 'alarm.raised' }, { event: 'alarm.cleared' }]);
  });

  it('sends what it is to authorise itself with, and shows none of it', async () => {
    await hook({ authorization: 'Bearer x' }).test(signal);
    await hook({}, 'ann:p%40ss@').test(signal);
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer x',
      `Basic ${Buffer.from('ann:p@ss').toString('base64')}`,
    ]);
    expect(hook({}, 'ann:pass@').target).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it.each([
    [400, true],
    [422, true],
    [401, false],
    [404, false],
    [503, false],
    [302, false],
  ])('says of %i whether the message is at fault: %s', async (status, isRefused) => {
    answer = { status, headers: { location: '/elsewhere', 'retry-after': '7' } };
    const error = await hook()
      .test(signal)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ isRefused, retryAfterMs: 7_000 });
    expect(asked).toHaveLength(1); // a redirect is not followed
  });

  it('fails when nobody is there', async () => {
    const gone = hook();
    await new Promise((resolve) => server.close(resolve));
    await expect(gone.test(signal)).rejects.toThrow('ECONNREFUSED');
    server.listen(0);
  });
});
