import type { CommandView, DeviceLogLine, DeviceView, Page } from '@fieldline/protocol';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../firmware-bridge/src/bridge.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { SerialCable } from './kit/serial-cable.js';
import { tempDir } from './kit/temp-dir.js';

const canRun = requireTool('socat', 'socat', ['socat', '-V']);

let hub: HubProcess;
let bridge: Bridge;
const cable = new SerialCable();
const data = tempDir('bridge');

const view = () => hub.http.get<DeviceView>('/api/v1/devices/board');

beforeAll(async () => {
  if (!canRun) return;
  hub = await startHub();
  const token = await hub.http.addDevice('board');
  await cable.plug();
  bridge = await startBridge(
    {
      url: hub.url,
      data: data.path,
      queue: { maxBytes: 64 * 1024 * 1024, whenFull: 'drop_oldest' },
      metrics: null,
      ports: [
        {
          name: 'board',
          match: { path: cable.port },
          baud: 115_200,
          framing: 'lines',
          reset: false,
          maxLineBytes: 1_024,
          credential: { device: 'board', token },
          profile: null,
        },
      ],
    },
    pino({ level: process.env.LOG ?? 'silent' }),
  );
});
afterAll(async () => {
  await bridge?.close();
  await cable.dispose();
  data.remove();
  await hub?.dispose();
});

it.runIf(canRun)('brings readings, log lines and answers up, and commands down', async () => {
  expect(await cable.heard.find((line) => (line === '?' ? line : undefined))).toBe('?');
  cable.say('half a li');
  cable.say('ne\nbooting\n');
  cable.say('{"type":"hello","boot":"b1","firmware":"1.0","caps":["command"],"rxMax":256,"uptime":1000}\n');
  cable.say('temperature=21.5 relay=false @2000\n');
  await expect.poll(async () => (await view()).metrics.temperature?.value).toBe(21.5);
  expect(await view()).toMatchObject({ online: true, firmware: '1.0' });
  const sent = hub.http.request('/api/v1/devices/board/commands?wait=10000', {
    body: { name: 'relay.set', params: { on: true } },
  });
  const id = await cable.heard.find((line) => /^!(\w+) relay.set on=true$/.exec(line)?.[1]);
  cable.say(`=${id} ok on=true\n`);
  expect((await sent).json<CommandView>()).toMatchObject({ state: 'succeeded', result: { on: true } });
  const log = await hub.http.get<Page<DeviceLogLine>>('/api/v1/devices/board/log');
  expect(log.items.map(({ message }) => message)).toContain('booting');
});
