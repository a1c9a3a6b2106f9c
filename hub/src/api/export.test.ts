import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportRow } from '../history/history.js';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.registry.create({ id: 'a-1' });
  api.seen('a-1', 'temperature', 21.5);
});

const row = (value: ExportRow['value'], timeUs = NOW * 1_000): ExportRow => ({
  device: 'a-1',
  metric: 'temperature',
  time: timeUs,
  value,
});

const get = (query: string) =>
  call(api.app, { url: `/api/v1/telemetry/export?${query}`, headers: api.as('viewer') });

describe('an export', () => {
  it('is CSV with a header', async () => {
    api.outside.rows = [row(21.5), row(-3, NOW * 1_000 + 7), row(true)];
    const answer = await get('device=a-1');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="fieldline-a-1.csv"');
    expect(answer.body).toBe(
      [
        'time,device,metric,value',
        '2026-01-01T00:00:00.000000Z,a-1,temperature,21.5',
        '2026-01-01T00:00:00.000007Z,a-1,temperature,-3',
        '2026-01-01T00:00:00.000000Z,a-1,temperature,true',
        '',
      ].join('\n'),
    );
  });

  it('quotes what needs it, and hands no formula to a spreadsheet', async () => {
    api.outside.rows = ['a,b', 'say "hi"', 'two\nlines', '=1+1', '+1', '-1', '@x', '\tx', "plain '=1"].map(
      (text) => row(text),
    );
    const answer = await get('device=a-1');
    const values = answer.body
      .split('temperature,')
      .slice(1)
      .map((line) => line.replace(/\n[^\n]*$/, ''));
    expect(values).toEqual([
      '"a,b"',
      '"say ""hi"""',
      '"two\nlines"',
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      "plain '=1",
    ]);
  });

  it('is one JSON object a line, exact', async () => {
    api.outside.rows = [row('=1+1', NOW * 1_000 + 123_456), row(0.1 + 0.2)];
    const answer = await get('device=a-1&format=ndjson&metric=temperature');
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const lines = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { time: NOW + 123, timeUs: NOW * 1_000 + 123_456, device: 'a-1', metric: 'temperature', value: '=1+1' },
      { time: NOW, timeUs: NOW * 1_000, device: 'a-1', metric: 'temperature', value: 0.1 + 0.2 },
    ]);
    expect(api.outside.exports[0]?.query).toEqual({
      device: 'a-1',
      metric: 'temperature',
      from: NOW - 86_400_000,
      to: NOW,
    });
    expect(api.outside.settled).toEqual(['a-1']);
  });

  it('of nothing is a header, or nothing', async () => {
    expect((await get('device=a-1')).body).toBe('time,device,metric,value\n');
    expect((await get('device=a-1&format=ndjson')).body).toBe('');
  });

  it('that fails before its first row is told as a problem', async () => {
    api.outside.failure = new Error('broken');
    expect((await get('device=a-1')).json()).toMatchObject({ status: 500, code: 'internal' });
  });

  it.each([
    ['', 422],
    ['device=a-1&format=xml', 422],
    ['device=a-1&from=x', 422],
    ['device=nobody', 404],
    ['device=a-1&metric=humidity', 404],
  ])('of ?%s is refused with %i', async (query, status) => {
    expect((await get(query)).statusCode).toBe(status);
  });
});

describe('an export over a socket', () => {
  beforeEach(async () => {
    await api.close();
    api = await openApi();
    api.registry.create({ id: 'a-1' });
  });

  /** Rows without end; `taken` tells how many were asked for. */
  function endless() {
    const taken = { rows: 0 };
    function* rows(): Generator<ExportRow> {
      for (;;) {
        taken.rows++;
        yield row(taken.rows);
      }
    }
    return { taken, rows: rows() };
  }

  async function open(query = 'device=a-1'): Promise<IncomingMessage> {
    const url = `${await api.listen()}/api/v1/telemetry/export?${query}`;
    const [answer] = await once(httpGet(url, { headers: api.as('viewer') }), 'response');
    return answer;
  }

  /** Resolves once the history is told that nobody reads any more. */
  const aborted = async () => {
    const signal = api.outside.exports[0]?.signal;
    if (signal?.aborted === false) await once(signal, 'abort');
  };

  it('waits for its reader', async () => {
    const { taken, rows } = endless();
    api.outside.rows = rows;
    const answer = await open();
    await once(answer, 'readable');
    // Nothing is read from the socket now: buffers fill, and then the source is left alone.
    let before = -1;
    while (taken.rows !== before) {
      before = taken.rows;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    }
    expect(taken.rows).toBeLessThan(500_000);
    answer.destroy();
    await aborted();
  });

  it('ends when its reader has taken nothing for too long', async () => {
    api.outside.rows = endless().rows;
    const accepted = once(api.app.server, 'connection');
    const answer = await open();
    const [socket] = await accepted;
    const broken = once(answer.resume(), 'end');
    socket.emit('timeout');
    await expect(broken).rejects.toThrow('aborted');
    await aborted();
  });

  it('has to wait while many others run', async () => {
    const ended: Promise<unknown>[] = [];
    api.outside.history.export = async function* (_query, signal = AbortSignal.abort()) {
      const stopped = once(signal, 'abort');
      ended.push(stopped);
      yield* Array.from({ length: 500 }, (_, count) => row(count));
      await stopped;
    };
    const url = `${await api.listen()}/api/v1/telemetry/export?device=a-1`;
    const stop = new AbortController();
    const options = { headers: api.as('viewer'), signal: stop.signal };
    const running = await Promise.all(Array.from({ length: 16 }, () => fetch(url, options)));
    expect(running.every(({ status }) => status === 200)).toBe(true);
    const late = await fetch(url, options);
    expect(late.status).toBe(503);
    expect(late.headers.get('retry-after')).toBe('5');
    stop.abort();
    await Promise.all(ended);
    expect((await fetch(url, { headers: api.as('viewer') })).status).toBe(200);
  });

  it('that breaks off is logged', async () => {
    function* broken(): Generator<ExportRow> {
      for (let count = 0; count < 1_000; count++) yield row(count);
      throw new Error('a broken page');
    }
    api.outside.rows = broken();
    const answer = await open();
    await expect(once(answer.resume(), 'end')).rejects.toThrow('aborted');
    expect(api.logLines.join('')).toContain('a broken page');
  });

  it('ends when its reader goes', async () => {
    api.outside.rows = endless().rows;
    const answer = await open();
    await once(answer, 'readable');
    answer.destroy();
    await aborted();
    expect(api.outside.exports[0]?.signal?.aborted).toBe(true);
  });

  it('that nobody reads does not keep the hub from stopping', async () => {
    api.outside.rows = endless().rows;
    const answer = await open();
    answer.on('error', () => {});
    await api.app.close();
    expect(api.outside.exports[0]?.signal?.aborted).toBe(true);
  });

  it('ends when the hub stops, and its reader sees that it is not whole', async () => {
    api.outside.rows = endless().rows;
    const answer = await open();
    const broken = once(answer.resume(), 'end');
    await api.app.close();
    await expect(broken).rejects.toThrow('aborted');
    expect(answer.complete).toBe(false);
  });
});
