import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { DeviceLogLine, DeviceView, EnrolmentView, IssuedClaim, Page } from '@fieldline/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BridgeProcess } from './kit/bridge-process.js';
import { CobsBoard } from './kit/cobs-board.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { ScriptedBoard } from './kit/scripted-board.js';
import { freePort } from './kit/server-process.js';
import { tempDir } from './kit/temp-dir.js';

const canRun = requireTool('socat', 'socat', ['socat', '-V']);

let hub: HubProcess;
let made = 0;
let data: ReturnType<typeof tempDir>;
let closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // A port that it keeps when it is killed.
  if (canRun) hub = await startHub({ env: { FIELDLINE_PORT: String(await freePort()) } });
});
afterAll(() => hub?.dispose());
beforeEach(() => {
  data = tempDir('bridge');
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
  data.remove();
});

async function plugged<T extends ScriptedBoard | CobsBoard>(board: T): Promise<T> {
  closers.push(() => board.cable.dispose());
  await board.plug();
  return board;
}

function started(args: readonly string[], env: Readonly<Record<string, string>> = {}): BridgeProcess {
  const bridge = new BridgeProcess(args, env);
  closers.push(() => bridge.kill9());
  bridge.start();
  return bridge;
}

/** The flags of a bridge for one board, with a device of its own. */
async function flagsFor(port: string, ...more: string[]) {
  const device = `bridged-${++made}`;
  const token = await hub.http.addDevice(device);
  const args = [
    '--port',
    port,
    '--url',
    hub.url,
    '--device',
    device,
    '--data',
    data.path,
    '--metrics',
    '0',
    ...more,
  ];
  return { device, args, env: { FIELDLINE_BRIDGE_TOKEN: token } };
}

const view = (device: string) => hub.http.get<DeviceView>(`/api/v1/devices/${device}`);
/** What the history has, once for each time that it has it. Those of one millisecond are in any order there. */
const numbers = async (device: string) =>
  (await hub.http.history(device, 'n')).map(([, value]) => Number(value)).sort((a, b) => a - b);
const upTo = (count: number, from = 1) =>
  Array.from({ length: count - from + 1 }, (_, index) => from + index);

/** A hub that comes back is found again within the back-off, which grows with the time that it was away. */
const RETURN = { timeout: 60_000 };

/** What its `/metrics` say, by name and labels. */
async function metrics(bridge: BridgeProcess): Promise<(name: string) => number> {
  const url = /http:[^"\s]+\/metrics/.exec(await bridge.until(/\/metrics/))?.[0] ?? '';
  const text = await (await fetch(url)).text();
  return (name) => {
    const line = text.split('\n').find((one) => one.startsWith(`fieldline_bridge_${name} `));
    return Number(line?.split(' ')[1] ?? Number.NaN);
  };
}

describe.runIf(canRun)('the bridge as a process', () => {
  it('that is killed while the hub is away loses and doubles nothing that it took, and keeps its times', async () => {
    const board = await plugged(new ScriptedBoard());
    const { device, args, env } = await flagsFor(board.port, '--json');
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    board.measure(20);
    await expect.poll(() => board.acked).toBe(20);
    await hub.kill9();
    const before = Date.now();
    board.say('level=2 @5100');
    board.say('level=1 @5000');
    let after = 0;
    for (let kill = 1; kill <= 3; kill++) {
      board.measure(20);
      await expect.poll(() => board.acked).toBe(board.sent);
      // What came before is on the disk, too.
      after ||= Date.now();
      // Some of these are on the disk when it ends, and some are not.
      board.measure(10);
      await bridge.kill9();
      if (kill === 3) await hub.start();
      bridge.start();
      await expect.poll(() => board.acked).toBe(board.sent);
    }
    await expect.poll(() => numbers(device), RETURN).toEqual(upTo(110));
    expect((await view(device)).counters.gaps).toBe(0);
    const levels = await hub.http.history(device, 'level');
    expect(levels.map(([, value]) => value)).toEqual([1, 2]);
    const [first = 0, second = 0] = levels.map(([time]) => time);
    expect(first).toBeGreaterThanOrEqual(before - 100);
    expect(second).toBeLessThanOrEqual(after);
    expect(second - first).toBe(100);
    await expect.poll(async () => (await metrics(bridge))(`queue_messages{port="${device}"}`)).toBe(0);
    expect(await bridge.stop()).toEqual({ code: 0, signal: null });
  });

  it('gives up the oldest when its queue is full, and says how many', async () => {
    const board = await plugged(new ScriptedBoard());
    const { device, args, env } = await flagsFor(board.port, '--json', '--max-bytes', '64KiB');
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    await hub.kill9();
    const text = 'x'.repeat(200);
    for (let n = 1; n <= 1_000; n++) {
      board.sent = n;
      board.say(JSON.stringify({ type: 'telemetry', seq: n, values: { n, text: `${n}${text}` } }));
      if (n % 50 === 0) await expect.poll(() => board.acked).toBe(n);
    }
    const skipped = async () => (await metrics(bridge))(`queue_skipped_total{port="${device}"}`);
    await expect.poll(skipped).toBeGreaterThan(0);
    await hub.start();
    await expect.poll(async () => (await numbers(device)).at(-1), RETURN).toBe(1_000);
    const kept = await numbers(device);
    expect(kept).toEqual(upTo(1_000, kept[0]));
    expect(kept.length + (await skipped())).toBe(1_000);
  });

  it('takes nothing more when its queue is full, where it is told so: the board keeps it', async () => {
    const board = await plugged(new CobsBoard());
    const { device, args, env } = await flagsFor(
      board.cable.port,
      ...['--json', '--framing', 'cobs', '--max-bytes', '64KiB', '--when-full', 'refuse'],
    );
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    await hub.kill9();
    while (board.acked === board.sent) {
      board.measure(100);
      const refused = async () => (await metrics(bridge))(`refused_total{port="${device}"}`) > 0;
      await expect.poll(async () => board.acked === board.sent || (await refused())).toBe(true);
    }
    await hub.start();
    await expect.poll(() => board.acked, RETURN).toBe(board.sent);
    await expect.poll(() => numbers(device)).toEqual(upTo(board.sent));
  });

  it('acknowledges frames up to the first one that was lost, and gets the rest again', async () => {
    const board = await plugged(new CobsBoard());
    const { device, args, env } = await flagsFor(board.cable.port, '--json', '--framing', 'cobs');
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    board.measure(5);
    await expect.poll(() => board.acked).toBe(5);
    for (const seq of [7, 10, 11]) board.lost.add(seq);
    board.measure(10);
    await expect.poll(() => board.acked).toBe(15);
    const acks = board.heard.filter(({ type }) => type === 'ack').map(({ seq }) => Number(seq));
    expect(acks).toContain(6);
    expect(acks.filter((seq) => seq > 6 && seq < 9)).toEqual([]);
    await expect.poll(() => numbers(device)).toEqual(upTo(15));
    const answer = await hub.http.request(`/api/v1/devices/${device}/commands?wait=10000`, {
      body: { name: 'blink', params: { times: 3 } },
    });
    expect(answer.json()).toMatchObject({ state: 'succeeded', result: { again: false } });
  });

  it('keeps nothing of a board whose hello is lost until one comes, and then all of it, with its times', async () => {
    const board = await plugged(new CobsBoard());
    board.lostHellos = 2;
    board.measure(1, 600_000);
    board.measure(2);
    const { device, args, env } = await flagsFor(board.cable.port, '--json', '--framing', 'cobs');
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    // The end of the message before one that is lost is no end.
    board.lost.add(4);
    board.measure(2);
    await expect.poll(() => board.acked).toBe(5);
    await expect.poll(() => numbers(device)).toEqual([1, 2, 3, 4, 5]);
    const readings = await hub.http.history(device, 'n');
    const [first = 0, second = 0] = readings.map(([time]) => time);
    expect(second - first).toBeGreaterThanOrEqual(600_000);
    expect((await metrics(bridge))(`dropped_total{port="${device}",reason="before_hello"}`)).toBeGreaterThan(
      0,
    );
    expect((await view(device)).counters.gaps).toBe(0);
  });

  it('answers a frame that can become no reading, so that the board goes on', async () => {
    const board = await plugged(new CobsBoard());
    board.broken.add(2);
    const { device, args, env } = await flagsFor(board.cable.port, '--json', '--framing', 'cobs');
    const bridge = started(args, env);
    await bridge.until(/hub: online/);
    board.measure(4);
    await expect.poll(() => board.acked).toBe(4);
    expect(board.heard).toContainEqual(expect.objectContaining({ type: 'error', code: 'malformed', seq: 2 }));
    await expect.poll(() => numbers(device)).toEqual([1, 3, 4]);
    const log = await hub.http.get<Page<DeviceLogLine>>(`/api/v1/devices/${device}/log`);
    expect(log.items.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/message 2: .*UTF-8/),
    );
  });

  it('gets a token by a claim key once somebody has let the board in, while its readings wait', async () => {
    const board = await plugged(new ScriptedBoard());
    const made = { profile: 'env-sensor', approval: true, idPrefix: 'claimed-' };
    const { claim } = (await hub.http.request('/api/v1/claims', { body: made })).json<IssuedClaim>();
    writeFileSync(
      `${data.path}/bridge.yaml`,
      [
        `url: ${hub.url}`,
        `data: ${data.path}/state`,
        'ports:',
        `  - { name: porch, path: ${board.port}, claimKey: ${claim}, hardwareId: a4-cf-12 }`,
      ].join('\n'),
    );
    const bridge = started(['--config', `${data.path}/bridge.yaml`, '--json']);
    await bridge.until(/waits at the hub until an operator lets it in/);
    board.measure(3);
    await expect.poll(() => board.acked).toBe(3);
    const pending = await hub.http.get<Page<EnrolmentView>>('/api/v1/claims/pending');
    expect(pending.items).toMatchObject([{ hardwareId: 'a4-cf-12' }]);
    await hub.http.request(`/api/v1/claims/pending/${pending.items[0]?.id}/approve`, { method: 'POST' });
    // It is told to ask again in ten seconds; a bridge that is started asks at once.
    await bridge.kill9();
    bridge.start();
    await bridge.until(/hub: online/);
    await expect.poll(() => numbers('claimed-a4-cf-12')).toEqual([1, 2, 3]);
    const file = `${data.path}/state/porch/identity.json`;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(bridge.output.lines.join('\n')).not.toContain(JSON.parse(readFileSync(file, 'utf8')).token);
    await bridge.stop();
    bridge.start();
    await bridge.until(/hub: online/);
  });

  it('serves several boards from one file, says so in its metrics, and ends in good order', async () => {
    const boards = [await plugged(new ScriptedBoard()), await plugged(new ScriptedBoard())];
    const tokens = await Promise.all(boards.map((_, index) => hub.http.addDevice(`row-${index}`)));
    const ports = boards.map((board, index) => {
      writeFileSync(`${data.path}/token-${index}`, `${tokens[index]}\n`);
      return `  - { path: ${board.port}, device: row-${index}, tokenFile: ${data.path}/token-${index} }`;
    });
    const head = [`url: ${hub.url}`, `data: ${data.path}/state`, 'metrics: 0', 'ports:'];
    writeFileSync(`${data.path}/bridge.yaml`, [...head, ...ports].join('\n'));
    const bridge = started(['--config', `${data.path}/bridge.yaml`]);
    const url = /http:[^"\s]+(?=\/metrics)/.exec(await bridge.until(/\/metrics/))?.[0] ?? '';
    for (const board of boards) board.measure(3);
    await expect.poll(() => numbers('row-0')).toEqual([1, 2, 3]);
    await expect.poll(() => numbers('row-1')).toEqual([1, 2, 3]);
    const told = await (await fetch(`${url}/metrics`)).text();
    for (const device of ['row-0', 'row-1']) {
      expect(told).toContain(`fieldline_bridge_messages_total{port="${device}"} 3`);
      expect(told).toContain(`fieldline_bridge_hub_online{port="${device}"} 1`);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/else`)).status).toBe(404);
    expect(await bridge.stop()).toEqual({ code: 0, signal: null });
    await expect.poll(async () => (await view('row-0')).online).toBe(false);
  });

  it('is a monitor that decodes what it sees and sends what is typed, without a hub', async () => {
    const board = await plugged(new ScriptedBoard({ checked: true }));
    board.onCommand = ({ id }) => board.say(`=${id} ok on=true`);
    const monitor = started(['monitor', '--port', board.port]);
    await monitor.until(/hello .*boot="b1".*check right/);
    board.cable.say('temperature=21.5 *0000\nboot ok\n');
    await monitor.until(/dropped +bad_crc +temperature=21\.5/);
    await monitor.until(/log +boot ok/);
    monitor.type('relay.set on=true');
    await monitor.until(/answer +\S+ ok result=\{"on":true\}/);
    expect(board.commands.map(({ text }) => text)).toEqual(['relay.set on=true']);
    monitor.type('relay.set on=maybe');
    await monitor.until(/sends a command/);
    expect(await monitor.stop()).toEqual({ code: 0, signal: null });
  });
});
