import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../config.js';
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
