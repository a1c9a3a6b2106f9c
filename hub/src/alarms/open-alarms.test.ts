import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../config.js';
import { AlarmQuiets } from '../state/alarm-quiets.js';
import { AlarmsBench } from './alarms.fixture.js';
import { type OpenAlarms, openAlarms } from './open-alarms.js';

const log = { warn: () => undefined, info: () => undefined } as never;
let directory: string;
let server: Server;
let posted: { event: string; count?: number; text: string }[];
let bench: AlarmsBench;
let opened: OpenAlarms;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  directory = mkdtempSync(join(tmpdir(), 'fieldline-open-alarms-'));
  posted = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      posted.push(JSON.parse(text));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  bench = new AlarmsBench(directory);
  await bench.open();
  bench.alarms.abandon(); // those that are opened here take their place
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const config = loadConfig({ FIELDLINE_ALARMS_WEBHOOK_URL: url, FIELDLINE_ALARMS_MQTT: 'false' });
  const { state, audit, devices, journal } = bench;
  const now = () => bench.now;
  const publish = () => Promise.reject(new Error('there is no broker'));
  opened = await openAlarms({
    ...{ config, state, audit, devices, journal, log, now, publish },
    profiles: new Map(),
  });
});
afterEach(async () => {
  await opened.closeChannels();
  opened.close();
  bench.state.close();
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

it('tells of 500 devices that fall silent together in one message', async () => {
  const many = Array.from({ length: 500 }, (_, at) => `d${at}`);
  bench.state.transaction(() => bench.add(...many));
  for (const id of many) {
    const device = bench.devices.get(id);
    if (device) device.lastReading = bench.now;
  }
  for (let s = 0; s < 30; s++) {
    bench.now += 1_000;
    vi.advanceTimersByTime(1_000);
  }
  await expect.poll(() => posted, { timeout: 10_000 }).toHaveLength(1);
  expect(posted[0]).toMatchObject({ event: 'alarm.digest', count: 500, text: '500 alarms: 500 stale' });
  await expect.poll(() => opened.channels()).toMatchObject([{ channel: 'webhook', owed: 0, sent: 1 }]);
  expect(opened.alarms.counts().raised).toBe(500);
});

it('calls nobody for a limit that is quiet, and at the end for what is still raised and unseen', async () => {
  bench.alarms = opened.alarms;
  bench.state.transaction(() => bench.add('a', 'b'));
  const told = () => posted.map(({ event, text }) => `${event} ${text.split(', ').at(-1)}`);
  const raised = (device: string) => opened.alarms.list({ device, state: 'raised' }, { limit: 1 }).items[0];
  bench.commit(['a', 0, { temperature: 7 }]);
  await expect.poll(told).toEqual(['alarm.raised a']);
  const first = raised('a');
  if (!first) throw new Error('nothing is raised');
  bench.now += 1_500;
  const quiet = opened.quiets.begin(first, 60_000, { name: 'mara', kind: 'user' });
  expect(quiet).toMatchObject({
    device: 'a',
    metric: 'temperature',
    level: 'warn',
    until: bench.now + 60_000,
  });
  expect(new AlarmQuiets(bench.state).all(() => {})).toEqual([quiet]);

  // It was called for before, so its end is told; what comes now is not, unlike that of another device.
  bench.commit(['a', 2, { temperature: 5 }], ['a', 3, { temperature: 7 }], ['b', 3, { temperature: 7 }]);
  await expect.poll(told).toEqual(['alarm.raised a', 'alarm.cleared a', 'alarm.raised b']);
  expect(raised('a')?.id).not.toBe(first.id);
  bench.now += 60_000;
  vi.advanceTimersByTime(1_000);
  await expect.poll(() => told().slice(3)).toEqual(['alarm.raised a']);
  expect(opened.quiets.list()).toEqual([]);
});

it('calls at the end for what was raised before the quiet, too, once more, unless somebody has seen it', async () => {
  bench.alarms = opened.alarms;
  bench.state.transaction(() => bench.add('a', 'b'));
  const mara = { name: 'mara', kind: 'user' } as const;
  const told = () => posted.map(({ event, text }) => `${event} ${text.split(', ').at(-1)}`);
  bench.commit(['a', 0, { temperature: 7, door: true }], ['b', 0, { temperature: 7 }]);
  await expect.poll(() => told().length).toBe(3);
  bench.now += 1_500;
  const quieted = opened.alarms
    .list({ state: 'raised' }, { limit: 10 })
    .items.filter(({ metric }) => metric === 'temperature');
  expect(quieted.map(({ device }) => device).sort()).toEqual(['a', 'b']);
  for (const alarm of quieted) opened.quiets.begin(alarm, 60_000, mara);
  const seen = quieted.find(({ device }) => device === 'b');
  opened.alarms.acknowledge([seen?.id ?? ''], mara, null);
  bench.now += 60_000;
  vi.advanceTimersByTime(1_000);
  // Its other limit was not quiet, and is not called for again.
  await expect.poll(() => told().slice(3)).toEqual(expect.arrayContaining(['alarm.raised a']));
  const again = posted.slice(3).filter(({ event }) => event === 'alarm.raised');
  expect(again).toHaveLength(1);
  expect(again[0]?.text).toMatch(/temperature/i);
});

it('is not quiet any more when somebody says so, and has seen what was acknowledged meanwhile', async () => {
  bench.alarms = opened.alarms;
  bench.state.transaction(() => bench.add('a', 'b'));
  bench.commit(['a', 0, { door: true }], ['b', 0, { door: true }]);
  await expect.poll(() => posted).toHaveLength(2);
  const mara = { name: 'mara', kind: 'user' } as const;
  const before = opened.alarms.list({}, { limit: 10 }).items;
  bench.now += 1_000;
  for (const alarm of before) opened.quiets.begin(alarm, 60_000, mara);
  bench.commit(
    ['a', 1, { door: false }],
    ['b', 1, { door: false }],
    ['a', 2, { door: true }],
    ['b', 2, { door: true }],
  );
  await expect.poll(() => posted).toHaveLength(4);
  const [seen] = opened.alarms.list({ device: 'b', state: 'raised' }, { limit: 1 }).items;
  opened.alarms.acknowledge([seen?.id ?? ''], mara, null);
  for (const alarm of before) opened.quiets.end(alarm, mara);
  await expect
    .poll(() => posted.slice(4).map(({ event, text }) => `${event} ${text.split(', ').at(-1)}`))
    .toEqual(['alarm.raised a']);
  const { items } = await bench.audit.list({ action: 'alarm' }, { limit: 10 });
  const deeds = items.map(({ action }) => action);
  expect(deeds.filter((action) => action === 'alarm.quieted')).toHaveLength(2);
  expect(deeds.filter((action) => action === 'alarm.quiet_ended')).toHaveLength(2);
});
