import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeHistory } from '../hub/src/history/history.contract.js';
import { influxTarget } from '../hub/src/sinks/influx/connection.js';
import { reading } from '../hub/src/sinks/sinks.fixture.js';
import { influxParts, type PartsOptions, ROLLUPS } from './kit/influx-parts.js';
import { InfluxStub, type InfluxStubOptions } from './kit/influx-stub.js';
import { type Influxd, requireInfluxd, startInfluxd } from './kit/influxd.js';
import { tempDir } from './kit/temp-dir.js';

const isThere = requireInfluxd();
let influxd: Influxd;
beforeAll(async () => {
  if (isThere) influxd = await startInfluxd();
});
afterAll(() => influxd?.dispose());

const TOKEN = 'a-token';
const START = Date.UTC(2026, 10, 20, 10);
const QUESTION = { device: 'd', metric: 'm', from: START, to: START + 60_000, points: 10, limit: 100 };

let databases = 0;
/** A bucket that somebody made. */
async function bucket(): Promise<string> {
  const database = `bucket${++databases}`;
  await influxd.query(`CREATE DATABASE ${database}`);
  return database;
}

async function stub(options: InfluxStubOptions): Promise<InfluxStub> {
  const started = await new InfluxStub(options).start();
  return started;
}

function parts(options: PartsOptions) {
  const made = influxParts(options);
  onTestFinished(() => made.close());
  return made;
}

const withToken = { Authorization: `Token ${TOKEN}` };
const at = (ms: number, m: number | string | boolean) => reading('d', (START + ms) * 1000, { m });

describe.runIf(isThere)('InfluxDB of other versions', () => {
  for (const version of [2, 3] as const) {
    describeHistory(
      `InfluxDB ${version}`,
      async () => {
        const database = await bucket();
        const server = await stub({ version, behind: influxd.url, token: TOKEN, database });
        const { sink, history, write, close } = influxParts({
          ...{ url: server.url, database, headers: withToken, wishes: ROLLUPS },
        });
        await sink.open();
        return {
          history,
          write: async (readings) => void (await write(readings)),
          tidy: async () => undefined,
          close: async () => {
            await close();
            await server.dispose();
          },
        };
      },
      { keepsEqualTimes: false },
    );
  }

  test.each([
    [2, 'influxdb-2', 'v2.7.12'],
    [3, 'influxdb-3', '3.2.1'],
  ] as const)('version %d is told, and nothing is made there', async (version, kind, told) => {
    const database = await bucket();
    const server = await stub({ version, behind: influxd.url, token: TOKEN, database });
    onTestFinished(() => server.dispose());
    const wishes = { ...ROLLUPS, rawMsOf: new Map([['default', 86_400_000]]) };
    const { admin, write } = parts({ url: server.url, database, headers: withToken, wishes });
    expect(await admin.open()).toEqual({ kind, version: told });
    expect(admin.retentionPolicyOf('default')).toBeUndefined();
    expect(await write([at(0, 1)])).toEqual([]);
    const [policies] = await influxd.query(`SHOW RETENTION POLICIES ON ${database}`);
    expect(policies?.values.map(([name]) => name)).toEqual(['autogen']);
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([`Token ${TOKEN}`]),
    );
  });

  test.each([2, 3] as const)(
    'version %d: a wrong token holds the sink, and the history says so',
    async (version) => {
      const database = await bucket();
      const server = await stub({ version, behind: influxd.url, token: TOKEN, database });
      onTestFinished(() => server.dispose());
      for (const headers of [{}, { Authorization: 'Token another' }]) {
        const { sink, history } = parts({ url: server.url, database, headers });
        await expect(sink.open()).rejects.toMatchObject({ name: 'SinkError', kind: 'credentials' });
        await expect(history.query({ ...QUESTION, aggregate: 'mean' })).rejects.toMatchObject({
          ...{ code: 'history_unavailable', status: 503 },
          message: expect.not.stringContaining('another'),
        });
      }
    },
  );

  test.each([2, 3] as const)(
    'version %d: what is too large is split, what conflicts is refused alone',
    async (version) => {
      const database = await bucket();
      const server = await stub({ version, behind: influxd.url, token: TOKEN, database, maxBytes: 40_000 });
      onTestFinished(() => server.dispose());
      await influxd.write(database, `default,device=d m="a text" ${START * 1000}`);
      const { sink, write, history } = parts({ url: server.url, database, headers: withToken });
      await sink.open();
      const readings = Array.from({ length: 2_000 }, (_, n) =>
        reading('e', (START + n) * 1000, n === 1_234 ? { k: n, m: n } : { k: n }),
      );
      const rejections = await write(readings);
      expect(rejections.map(({ reading, metric }) => [reading.values.k, metric])).toEqual([[1_234, 'm']]);
      const query = { ...QUESTION, device: 'e', metric: 'k', points: 1, aggregate: 'count' as const };
      expect((await history.query(query)).points).toEqual([[START, 2_000]]);
    },
  );

  test('version 2: a bucket that is not there holds the sink', async () => {
    const server = await stub({ version: 2, behind: influxd.url, token: TOKEN, database: 'other' });
    onTestFinished(() => server.dispose());
    const { sink, write } = parts({ url: server.url, database: 'mine', headers: withToken });
    await sink.open();
    await expect(write([at(0, 1)])).rejects.toMatchObject({
      ...{ name: 'SinkError', kind: 'credentials' },
      message: expect.stringContaining('not found'),
    });
  });
});

describe('VictoriaMetrics', () => {
  async function expectWritesOnly(url: string) {
    const { admin, sink, write, history, told } = parts({ url, wishes: ROLLUPS });
    await sink.open();
    expect(admin.server?.kind).toBe('victoriametrics');
    await admin.open();
    expect(told.filter((line) => line.includes('VictoriaMetrics'))).toHaveLength(1);
    expect(await write([at(0, 21.5)])).toEqual([]);
    const refusal = { code: 'history_unsupported', status: 501 };
    for (const aggregate of ['mean', 'raw'] as const) {
      await expect(history.query({ ...QUESTION, aggregate })).rejects.toMatchObject(refusal);
    }
    const rows = history.export({ device: 'd', from: START, to: START + 1 })[Symbol.asyncIterator]();
    await expect(rows.next()).rejects.toMatchObject(refusal);
  }

  test('is told by its answers: readings are written, and the history refuses', async () => {
    const server = await stub({ version: 'victoriametrics' });
    onTestFinished(() => server.dispose());
    await expectWritesOnly(server.url);
    expect(server.lines.join('')).toContain('default,device=d m=21.5');
  });

  const isInstalled = spawnSync('victoria-metrics', ['-version']).error === undefined;
  test.runIf(isInstalled)('of Debian answers so', async () => {
    const directory = tempDir('victoria');
    const port = await freePort();
    const child = spawn(
      'victoria-metrics',
      [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${directory.path}`, '-retentionPeriod=100y'],
      { stdio: 'ignore' },
    );
    onTestFinished(() => kill(child).then(() => directory.remove()));
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(`${url}/ping`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(isUp).toBe(204);
    await expectWritesOnly(url);
    const exported = async () => {
      await fetch(`${url}/internal/force_flush`);
      const answer = await fetch(`${url}/api/v1/export?match[]=default_m`);
      return await answer.text();
    };
    await expect.poll(exported).toContain('21.5');
  });
});

describe('the address of InfluxDB', () => {
  const config = {
    ...{ url: 'https://u%40x:p%3Ay@influx.example:8087/base/', database: 'fieldline', timeoutMs: 1_000 },
    ...{ username: null, password: null, token: null, tags: [], gzip: false },
    ...{ retentionDays: 0, rollups: true, minuteDays: 0, hourDays: 0, reportMs: 0 },
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    [{}, basic('u@x:p:y')],
    [{ username: 'a', password: 'b' }, basic('a:b')],
    [{ username: 'a', password: 'b', token: 'tok' }, 'Token tok'],
    [{ url: 'http://influx:8086' }, undefined],
    [{ url: 'http://100%:50%@influx:8086' }, basic('100%:50%')],
  ])('with %j sends %s', (more, expected) => {
    const target = influxTarget({ ...config, ...more });
    expect(target.headers.Authorization).toBe(expected);
    expect(target.url.href).not.toContain('p%3Ay');
  });

  test('nobody is root:root by default', async () => {
    const server = await stub({ version: 'victoriametrics' });
    onTestFinished(() => server.dispose());
    const { client } = parts({ url: server.url });
    await client.ping();
    await client.query('SHOW DATABASES');
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  test('a server that never ends its answer is given up in time, and asked again', async () => {
    let count = 0;
    const server = createServer((_, response) => {
      count++;
      if (count === 1) response.writeHead(200).write('{"results":');
      else if (count === 2) {
        response.writeHead(200, { 'Content-Length': '100' }).write('{"results":');
        setTimeout(() => response.destroy(), 20);
      } else if (count === 3) response.writeHead(503).end();
      else response.writeHead(200).end('{"results":[{"statement_id":0}]}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = parts({ url, timeoutMs: 300 });
    await expect(client.query('SHOW DATABASES')).rejects.toMatchObject({ kind: 'timeout' });
    await expect(client.query('SHOW DATABASES')).rejects.toMatchObject({ name: 'InfluxError' });
    await expect(client.query('SHOW DATABASES')).rejects.toMatchObject({ kind: 'server' });
    await expect(client.query('SHOW DATABASES')).resolves.toEqual([[]]);
  });

  test('a request may take as long as it was given, and no longer', async () => {
    const server = createServer((_, response) => {
      setTimeout(() => response.end('{"results":[{"statement_id":0}]}'), 600);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = parts({ url, timeoutMs: 200 });
    await expect(client.query('SHOW DATABASES', { timeoutMs: 60_000 })).resolves.toEqual([[]]);
    for (let n = 0; n < 5; n++) {
      await expect(client.query('SHOW DATABASES')).rejects.toMatchObject({ kind: 'timeout' });
    }
  });

  test('requests leave nothing behind at a signal that lives on, nor after the end', async () => {
    const server = await stub({ version: 'victoriametrics' });
    onTestFinished(() => server.dispose());
    const { client } = parts({ url: server.url });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const any = vi.spyOn(AbortSignal, 'any');
    onTestFinished(() => any.mockRestore());
    for (let n = 0; n < 3; n++) await client.query('SHOW DATABASES', { signal });
    expect(any).not.toHaveBeenCalled();
    expect(added).toHaveBeenCalledTimes(3);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
    client.close();
    await expect(client.query('SHOW DATABASES')).rejects.toMatchObject({ kind: 'network' });
    await expect(client.ping()).rejects.toMatchObject({ kind: 'network' });
  });

  test('nobody there is an error of the network', async () => {
    const port = await freePort();
    const { sink, history } = parts({ url: `http://127.0.0.1:${port}` });
    await expect(sink.open()).rejects.toMatchObject({ name: 'SinkError', kind: 'network' });
    await expect(history.query({ ...QUESTION, aggregate: 'mean' })).rejects.toMatchObject({
      ...{ code: 'history_unavailable', status: 503 },
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
