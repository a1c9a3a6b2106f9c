import type { CommandView, DeviceLogLine, DeviceView, Page } from '@fieldline/protocol';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, startBridge } from '../firmware-bridge/src/bridge.js';
import type { Framing, PortConfig } from '../firmware-bridge/src/config/config.js';
import { canSimulate } from './kit/firmware.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { AvrBoard, CortexBoard, type SimulatedBoard } from './kit/simulated-board.js';
import { tempDir } from './kit/temp-dir.js';

const UNO_PULLS = 10;
const CORTEX_PULLS = 20;

const canRun = canSimulate();

const uno = new AvrBoard('uno-c.elf');
const sketch = new AvrBoard('uno-sketch.elf');
const cortex = new CortexBoard('lm3s6965.elf');

let hub: HubProcess;
let bridge: Bridge;
const data = tempDir('bridge-hardware');

beforeAll(async () => {
  if (!canRun) return;
  hub = await startHub();
  await uno.start();
  await cortex.start();
  const ports = [
    await portOf('uno', uno, 'lines'),
    await portOf('sketch', sketch, 'lines'),
    await portOf('cortex', cortex, 'cobs'),
  ];
  const queue = { maxBytes: 64 * 1024 * 1024, whenFull: 'drop_oldest' } as const;
  const config = { url: hub.url, data: data.path, queue, metrics: null, ports };
  bridge = await startBridge(config, pino({ level: process.env.LOG ?? 'silent' }));
}, 300_000);
afterAll(async () => {
  await bridge?.close();
  await Promise.all([uno.dispose(), sketch.dispose(), cortex.dispose()]);
  data.remove();
  await hub?.dispose();
});

async function portOf(device: string, board: SimulatedBoard, framing: Framing): Promise<PortConfig> {
  const token = await hub.http.addDevice(device, { profile: 'env-sensor' });
  return {
    name: device,
    match: { path: board.port },
    baud: 115_200,
    framing,
    reset: false,
    maxLineBytes: 1_024,
    credential: { device, token },
    profile: null,
  };
}

const view = (device: string) => hub.http.get<DeviceView>(`/api/v1/devices/${device}`);
const valuesOf = async (device: string, metric: string) =>
  (await hub.http.history(device, metric)).map(([, value]) => value as number);
const command = async (device: string, on: boolean): Promise<CommandView> => {
  const body = { name: 'relay.set', params: { on } };
  return (await hub.http.request(`/api/v1/devices/${device}/commands?wait=20000`, { body })).json();
};

/** The board is there, measures, and does what it is told: which its readings then show. */
async function works(device: string, firmware: string): Promise<void> {
  await expect.poll(async () => (await view(device)).metrics.temperature?.value).toBeCloseTo(22, -1);
  expect(await view(device)).toMatchObject({ online: true, firmware });
  for (const on of [true, false]) {
    const done = await command(device, on);
    expect(done).toMatchObject({ state: 'succeeded', result: { on } });
    const state = async () => (await hub.http.get<CommandView>(`/api/v1/commands/${done.id}`)).verification;
    await expect.poll(state).toBe('verified');
  }
}

describe.runIf(canRun)('a real ATmega328P, in lines', () => {
  it('brings its readings, and does what it is told', () => works('uno', 'uno-c 1'));

  it('is unplugged in mid-line and plugged in again, and no half line becomes a reading', async () => {
    for (let turn = 0; turn < UNO_PULLS; turn++) {
      const before = (await valuesOf('uno', 'n')).length;
      await uno.pull();
      await uno.plug();
      await expect.poll(async () => (await valuesOf('uno', 'n')).length).toBeGreaterThan(before + 3);
    }
    const counts = await hub.http.history('uno', 'n');
    const temperatures = await hub.http.history('uno', 'temperature');
    // The board counts its readings, and derives the temperature from the count: what belongs together came together.
    // The last of one start and the first of the next may be of the same millisecond.
    const together = new Set(temperatures.map(([time, value]) => `${time} ${(value as number).toFixed(1)}`));
    for (const [time, n] of counts) {
      expect(together).toContain(`${time} ${(20 + (((n as number) - 1) % 50) / 10).toFixed(1)}`);
    }
    // Each start begins at one, and no start brought a reading twice.
    const most = Math.max(...countOf(counts.map(([, n]) => n as number)).values());
    expect(most).toBeLessThanOrEqual(UNO_PULLS + 1);
    expect(bridge.ports[0]?.board).toMatchObject({ openings: UNO_PULLS + 1, duplicates: 0 });
    await works('uno', 'uno-c 1');
  });
});

describe.runIf(canRun)('the Arduino sketch', () => {
  it('does the same, once its port appears', async () => {
    await sketch.start();
    await works('sketch', 'uno 1.0');
    await sketch.dispose();
    await expect.poll(async () => (await view('sketch')).online).toBe(false);
  });
});

describe.runIf(canRun)('a real Cortex-M3, in frames', () => {
  it('brings its readings, and does what it is told', () => works('cortex', 'lm3s6965 1'));

  it('loses nothing and doubles nothing, whatever happens to its cable and to the hub', async () => {
    const commands: Promise<unknown>[] = [];
    for (let turn = 0; turn < CORTEX_PULLS; turn++) {
      const before = (await valuesOf('cortex', 'n')).length;
      // Into a cable that is pulled at once: the board may have heard it or not.
      commands.push(command('cortex', turn % 2 === 0).catch(() => undefined));
      await cortex.pull();
      const restarted = turn === 2 ? hub.restart() : undefined;
      await cortex.plug();
      await restarted;
      await expect.poll(async () => (await valuesOf('cortex', 'n')).length).toBeGreaterThan(before + 10);
    }
    await expect.poll(async () => areWhole(await valuesOf('cortex', 'n'), 1)).toBe(true);
    await Promise.all(commands);
    // The board numbers its executions: none is told of twice, and none was there beyond those that are told of.
    const last = await command('cortex', true);
    const { items } = await hub.http.get<Page<CommandView>>('/api/v1/devices/cortex/commands');
    const told = items.flatMap(({ result }) => (result as { executed?: number } | null)?.executed ?? []);
    const unknown = items.filter(({ state }) => state === 'timed_out' || state === 'sent').length;
    expect(last.state).toBe('succeeded');
    expect(new Set(told).size).toBe(told.length);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect((last.result as { executed: number }).executed - told.length).toBeLessThanOrEqual(unknown);
  });

  it('is reset: what it had brought stays, and it counts from one again', async () => {
    const before = await valuesOf('cortex', 'n');
    cortex.reset();
    const restarts = async () =>
      (await hub.http.get<Page<DeviceLogLine>>('/api/v1/devices/cortex/log')).items.filter(({ message }) =>
        message.startsWith('the board has started anew'),
      );
    await expect.poll(async () => (await restarts()).length).toBe(1);
    await works('cortex', 'lm3s6965 1');
    await expect.poll(async () => areWhole(await valuesOf('cortex', 'n'), 2)).toBe(true);
    expect((await valuesOf('cortex', 'n')).length).toBeGreaterThan(before.length);
  });
});

function countOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The counts of so many starts of a board, in whichever order they came: from each 1, 2, 3 … once, and none left out. */
function areWhole(values: readonly number[], starts: number): boolean {
  const counts = [...countOf(values)].sort(([a], [b]) => a - b).map(([, count]) => count);
  const isWithoutGap = Math.max(...values) === counts.length;
  const isFalling = counts.every((count, i) => i === 0 || count <= (counts[i - 1] as number));
  return counts[0] === starts && isWithoutGap && isFalling;
}
