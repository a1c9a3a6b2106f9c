import { mkdirSync, writeFileSync } from 'node:fs';
import type { CommandView, DeviceLogLine, DeviceView, Page } from '@fieldline/protocol';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../firmware-bridge/src/bridge.js';
import type { PortConfig } from '../firmware-bridge/src/config/config.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { type BoardManner, ScriptedBoard } from './kit/scripted-board.js';
import { tempDir } from './kit/temp-dir.js';

const canRun = requireTool('socat', 'socat', ['socat', '-V']);

/** Commands that time out soon. */
const PROFILE = `
profile: hasty
title: For tests
mode: learn
metrics:
  relay: { type: boolean }
commands:
  relay.set:
    params: { on: { type: boolean, required: true }, note: { type: string } }
    timeout: 500ms
  identify: { timeout: 30s }
config:
  interval: { type: integer, min: 100, default: 10000 }
`;

let hub: HubProcess;
const profiles = tempDir('profiles');
const data = tempDir('bridge');
let boards: ScriptedBoard[] = [];
let bridge: Bridge | undefined;
let made = 0;

beforeAll(async () => {
  if (!canRun) return;
  writeFileSync(`${profiles.path}/hasty.yaml`, PROFILE);
  hub = await startHub({ env: { FIELDLINE_PROFILES: profiles.path } });
});
afterAll(async () => {
  data.remove();
  profiles.remove();
  await hub?.dispose();
});
beforeEach(() => {
  boards = [];
  bridge = undefined;
});
afterEach(async () => {
  await bridge?.close();
  for (const board of boards) await board.dispose();
});

/** Boards that are plugged in, each with a device of its own at the hub, behind one bridge. */
async function start<const T extends readonly BoardManner[]>(manners: T, more: Partial<PortConfig> = {}) {
  const ports: PortConfig[] = [];
  const devices: string[] = [];
  for (const manner of manners) {
    const board = new ScriptedBoard(manner);
    boards.push(board);
    await board.plug();
    const device = `board-${++made}`;
    devices.push(device);
    const token = await hub.http.addDevice(device, { profile: 'hasty' });
    ports.push({
      name: device,
      match: { path: board.port },
      baud: 115_200,
      framing: 'lines',
      reset: false,
      maxLineBytes: 1_024,
      credential: { device, token },
      profile: null,
      ...more,
    });
  }
  const directory = `${data.path}/${made}`;
  mkdirSync(directory);
  bridge = await startBridge(
    {
      url: hub.url,
      data: directory,
      queue: { maxBytes: 64 * 1024 * 1024, whenFull: 'drop_oldest' },
      metrics: null,
      ports,
    },
    pino({ level: process.env.LOG ?? 'silent' }),
  );
  const opened = () => bridge?.ports.map((port) => port.board.openings);
  await expect.poll(opened).toEqual(ports.map(() => 1));
  const [board, device] = [boards[0] as ScriptedBoard, devices[0] ?? ''];
  return { board, device, devices, bridge };
}

const view = (device: string) => hub.http.get<DeviceView>(`/api/v1/devices/${device}`);
/** The time is that of the back-off after a hub that was restarted. */
const online = (device: string) => expect.poll(async () => (await view(device)).online, { timeout: 60_000 });
const command = (device: string, name: string, params: object, wait = 10_000) =>
  hub.http.request(`/api/v1/devices/${device}/commands?wait=${wait}`, { body: { name, params } });
/** What the history has, once for each time that it has it. Those of one millisecond are in any order there. */
const numbers = async (device: string) =>
  (await hub.http.history(device, 'n')).map(([, value]) => Number(value)).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.runIf(canRun)('a board behind the bridge', () => {
  it('brings readings, log lines and answers up, and commands down', async () => {
    const { board, device } = await start([{ caps: ['command'] }]);
    board.onCommand = ({ id }) => board.say(`=${id} ok on=true`);
    await online(device).toBe(true);
    board.say('booting');
    board.say('temperature=21.5 relay=false @2000');
    await expect.poll(async () => (await view(device)).metrics.temperature?.value).toBe(21.5);
    expect((await command(device, 'relay.set', { on: true })).json<CommandView>()).toMatchObject({
      state: 'succeeded',
      result: { on: true },
    });
    expect(board.commands.map(({ text }) => text)).toEqual(['relay.set on=true']);
    const log = await hub.http.get<Page<DeviceLogLine>>(`/api/v1/devices/${device}/log`);
    expect(log.items.map(({ message }) => message)).toContain('booting');
  });

  it('loses and doubles nothing when its cable is pulled 20 times in mid-line', async () => {
    const { board, device } = await start([{}]);
    for (let round = 0; round < 20; round++) {
      board.measure(5);
      // One in three goes before the rest has reached the disk.
      if (round % 3 !== 0) await expect.poll(() => board.acked).toBe(board.sent);
      board.sayHalf(board.numbered(board.sent + 1));
      const { openings } = bridge?.ports[0]?.board ?? { openings: 0 };
      await board.pull();
      await board.plug();
      await expect.poll(() => bridge?.ports[0]?.board.openings).toBe(openings + 1);
    }
    await expect.poll(() => board.acked).toBe(100);
    expect(await numbers(device)).toEqual(upTo(100));
    expect((await hub.http.quarantine(device)).length).toBe(0);
  });

  it('that starts anew under the name of its last start loses none of its new readings', async () => {
    const { board, device } = await start([{}]);
    board.measure(5);
    await expect.poll(() => board.acked).toBe(5);
    board.sent = 0;
    board.acked = 0;
    board.hello();
    board.measure(3);
    await expect.poll(() => numbers(device)).toEqual([1, 1, 2, 2, 3, 3, 4, 5]);
    const log = await hub.http.get<Page<DeviceLogLine>>(`/api/v1/devices/${device}/log`);
    expect(log.items.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^boot_reused/));
  });

  it('is offline while its cable is out, and takes no commands then', async () => {
    const { board, device } = await start([{ caps: ['command'] }]);
    await online(device).toBe(true);
    await board.pull();
    await online(device).toBe(false);
    expect((await command(device, 'relay.set', { on: true })).json()).toMatchObject({
      status: 409,
      code: 'device_offline',
    });
    await board.plug();
    await online(device).toBe(true);
    expect(board.commands).toEqual([]);
  });

  it('makes no reading of a line whose check is wrong, nor of noise', async () => {
    const { board, device, bridge } = await start([{ checked: true }]);
    await online(device).toBe(true);
    const dropped = () => bridge.ports[0]?.board.dropped;
    board.say('ok=1');
    await expect.poll(async () => (await view(device)).metrics.ok?.value).toBe(1);
    board.cable.say('bad=1 *0000\nbad=2\n{"bad":3}\n{"bad":4} *FFFF\n=1 ok *0000\n');
    await expect.poll(() => dropped()).toMatchObject({ bad_crc: 3, no_crc: 2 });
    let seed = 1;
    for (let round = 0; round < 50; round++) {
      const noise = Buffer.from(
        Array.from({ length: 400 }, () => {
          seed = (seed * 48_271) % 0x7fff_ffff;
          return seed & 0xff;
        }),
      );
      board.cable.say(noise);
    }
    board.cable.say(`\nbad=${'9'.repeat(5_000)}`);
    board.cable.say(Buffer.from('\n'));
    board.say('ok=2');
    await expect.poll(async () => (await view(device)).metrics.ok?.value).toBe(2);
    expect(dropped()?.too_long).toBeGreaterThan(0);
    // `relay` is in the profile.
    expect(Object.keys((await view(device)).metrics).sort()).toEqual(['ok', 'relay']);
  });

  it('gets one command at a time, and each once', async () => {
    const { board, device } = await start([{ caps: ['command', 'parallel'] }]);
    await online(device).toBe(true);
    const both = [command(device, 'identify', {}), command(device, 'identify', {})];
    await expect.poll(() => board.commands.length).toBe(1);
    // What was said before the second one could come is there when the answer to it is.
    board.say('mark=1');
    await expect.poll(async () => (await view(device)).metrics.mark?.value).toBe(1);
    expect(board.commands.length).toBe(1);
    board.say(`=${board.commands[0]?.id} accepted`);
    await expect.poll(() => board.commands.length).toBe(2);
    for (const { id } of board.commands) board.say(`=${id} ok`);
    for (const answer of await Promise.all(both)) expect(answer.json()).toMatchObject({ state: 'succeeded' });
    expect(new Set(board.commands.map(({ id }) => id)).size).toBe(2);
    expect(board.commands).toHaveLength(2);
  });

  it('answers late, and the hub corrects what it thought', async () => {
    const { board, device } = await start([{ caps: ['command'] }]);
    await online(device).toBe(true);
    const sent = (await command(device, 'relay.set', { on: true })).json<CommandView>();
    expect(sent.state).toBe('timed_out');
    board.say(`=${sent.id} error stuck "the coil is open"`);
    const look = () => hub.http.get<CommandView>(`/api/v1/commands/${sent.id}`);
    await expect.poll(look).toMatchObject({
      state: 'failed',
      error: { code: 'stuck', message: 'the coil is open' },
    });
    expect(board.commands).toHaveLength(1);
  });

  it('executes nothing twice when its cable or the hub goes between command and answer', async () => {
    const { board, device } = await start([{ caps: ['command'] }]);
    await online(device).toBe(true);
    const sent = command(device, 'identify', {});
    await expect.poll(() => board.commands.length).toBe(1);
    await board.pull();
    await online(device).toBe(false);
    await board.plug();
    await online(device).toBe(true);
    board.say(`=${board.commands[0]?.id} ok`);
    expect((await sent).json()).toMatchObject({ state: 'succeeded' });
    const again = command(device, 'identify', {});
    await expect.poll(() => board.commands.length).toBe(2);
    await hub.restart();
    await again.catch(() => undefined);
    await online(device).toBe(true);
    board.say(`=${board.commands[1]?.id} ok`);
    const look = () => hub.http.get<CommandView>(`/api/v1/commands/${board.commands[1]?.id}`);
    await expect.poll(look).toMatchObject({ state: 'succeeded' });
    expect(board.commands).toHaveLength(2);
  });

  it('is not given what it cannot take', async () => {
    const { board, device } = await start([{ caps: ['command'], rxMax: 64 }]);
    await online(device).toBe(true);
    const note = 'x'.repeat(60);
    expect((await command(device, 'relay.set', { on: true, note })).json()).toMatchObject({
      state: 'rejected',
      error: { code: 'too_large' },
    });
    expect(board.commands).toEqual([]);
  });

  it('runs the configuration that the hub wants, gets it again when it has forgotten it, and may refuse it', async () => {
    const { board, device } = await start([{ caps: ['config'] }]);
    board.onConfig = ({ version, desired }) => {
      board.config = version;
      board.say(JSON.stringify({ type: 'config', version, ok: true, reported: desired }));
    };
    await online(device).toBe(true);
    const want = (interval: number) =>
      hub.http.request(`/api/v1/devices/${device}/config`, {
        method: 'PUT',
        body: { desired: { interval } },
      });
    const config = () => view(device).then((device) => device.config);
    await want(500);
    await expect.poll(config).toMatchObject({ state: 'applied', reported: { interval: 500 } });
    board.boot = 'b2';
    board.config = undefined;
    board.hello();
    await expect.poll(() => board.configs.length).toBe(2);
    board.onConfig = ({ version }) => {
      board.say(JSON.stringify({ type: 'config', version, ok: false, code: 'busy', message: 'not now' }));
    };
    await want(700);
    await expect.poll(config).toMatchObject({ state: 'rejected', message: 'not now' });
  });

  it('that hangs keeps no other board of the process waiting', async () => {
    const { board, device, devices, bridge } = await start([{ caps: ['command'] }, { isMute: true }]);
    const [, second = ''] = devices;
    await online(device).toBe(true);
    board.cable.freeze();
    const stuck = command(device, 'relay.set', { on: true });
    const other = boards[1] as ScriptedBoard;
    // The first line after an opening may be half a one.
    other.say('first=1');
    other.say('n=1');
    await expect.poll(async () => (await view(second)).metrics.n?.value).toBe(1);
    expect((await stuck).json()).toMatchObject({ state: 'timed_out' });
    board.cable.thaw();
    board.onCommand = ({ id }) => board.say(`=${id} ok`);
    await expect.poll(() => board.commands.length).toBe(1);
    board.measure(1);
    await expect.poll(() => board.acked).toBe(1);
    expect(bridge.ports.map((port) => port.board.openings)).toEqual([1, 1]);
  });
});
