import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Reading, Value } from '@fieldline/journal';
import { expect, onTestFinished, test } from 'vitest';
import { Device } from '../../devices/device.js';
import { type ParsedLine, parseLines } from '../../sinks/influx/line-protocol.fixture.js';
import { GrafanaLive } from './grafana-live.js';

const T = 1_767_225_600_000_000;

interface Push {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly lines: readonly ParsedLine[];
}

/** A server that reads what it gets as Grafana does, and refuses what is no line protocol. */
async function stub() {
  const pushes: Push[] = [];
  const answers: number[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    const { url, headers } = request;
    const lines = parseLines(await text(request));
    const answer = answers.shift() ?? 200;
    if (answer === 200) pushes.push({ url, authorization: headers.authorization, lines });
    return answer;
  };
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status, { location: '/elsewhere' }).end(),
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { pushes, answers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function open(path = '', token: string | null = 'glsa_secret') {
  const server = await stub();
  const devices = new Map<string, Device>();
  const warned: object[] = [];
  const live = new GrafanaLive({
    ...{
      url: server.url.replace('//', token === null ? '//me:p%40ss@' : '//') + path,
      token,
      periodMs: 1e9,
      devices,
    },
    log: { info: () => undefined, warn: (fields: object) => void warned.push(fields) } as never,
  });
  onTestFinished(() => live.close());
  const say = (id: string, values: Record<string, Value>, time = T) => {
    const device = devices.get(id) ?? new Device({ id, profile: null, tags: {} } as Device['record']);
    devices.set(id, device);
    for (const [name, value] of Object.entries(values))
      if (!device.metrics.has(name)) device.addMetric(name, typeof value as 'number', 0);
    const reading: Reading = { device: id, boot: '', seq: 0, time, receivedAt: time, values, flags: 0 };
    device.take(reading, 1);
    live.take([reading]);
  };
  return { ...server, live, say, warned };
}

test('each device has a channel of its own, whose fields stay the same', async () => {
  const { live, say, pushes } = await open('/grafana/');
  say('pump-1', { pressure: 3, running: true });
  say('pump-1', { mode: 'a "b"\\', pressure: 3.5 }, T + 1);
  say('env_2', { temperature: 20 });
  await live.push();
  expect(pushes).toEqual([
    {
      url: '/grafana/api/live/push/fieldline',
      authorization: 'Bearer glsa_secret',
      lines: [
        {
          ...{ measurement: 'pump-1', tags: {}, time: `${T + 1}000` },
          fields: { mode: '"a "b"\\', pressure: '3.5', running: 'true' },
        },
        { measurement: 'env_2', tags: {}, time: `${T}000`, fields: { temperature: '20' } },
      ],
    },
  ]);
  // A reading of one metric brings the others with it.
  say('pump-1', { pressure: 4 }, T + 2);
  await live.push();
  expect(Object.keys(pushes[1]?.lines[0]?.fields ?? {})).toEqual(['mode', 'pressure', 'running']);
});

test('without news nothing is pushed', async () => {
  const { live, say, pushes } = await open();
  await live.push();
  say('a', { x: 1 });
  await live.push();
  await live.push();
  expect(pushes).toHaveLength(1);
});

test('a Grafana that refuses is left alone for a while; the token is in no log', async () => {
  const { live, say, pushes, answers, warned } = await open();
  answers.push(401);
  say('a', { x: 1 });
  await live.push();
  say('a', { x: 2 });
  await live.push();
  expect(pushes).toEqual([]);
  expect(warned).toHaveLength(1);
  expect(JSON.stringify(warned)).toContain('it answered 401');
  expect(JSON.stringify(warned)).not.toContain('glsa');
});

test('the token follows no redirection', async () => {
  const { live, say, pushes, answers, warned } = await open();
  answers.push(307);
  say('a', { x: 1 });
  await live.push();
  expect(pushes).toEqual([]);
  expect(warned).toMatchObject([{ reason: 'it answered 307' }]);
});

test('what stands in the address logs in where there is no token', async () => {
  const { live, say, pushes } = await open('', null);
  say('a', { x: 1 });
  await live.push();
  expect(pushes[0]?.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});
