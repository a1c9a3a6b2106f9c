import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { HubProcess } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';
import { tempDir } from './kit/temp-dir.js';

/** What can happen to a file on a failing disk or card. */
const DAMAGES: readonly [name: string, damage: (path: string) => void][] = [
  ['empty', (path) => truncateSync(path, 0)],
  ['cut in half', (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ['one bit flipped at the head', (path) => flip(path, [5])],
  [
    'bits flipped all over',
    (path) =>
      flip(
        path,
        Array.from({ length: 40 }, (_, index) => (index + 0.5) / 40),
      ),
  ],
  ['another file’s bytes', (path) => writeFileSync(path, Buffer.alloc(20_000, 'not what was here before\n'))],
];

/** Files of the data directory, as a name for the test and a way to find it. */
const FILES: readonly [name: string, find: (data: string) => string | undefined][] = [
  ['the oldest segment', (data) => segments(data).at(0)],
  ['the newest segment', (data) => segments(data).at(-1)],
  ['the state file', (data) => join(data, 'state.sqlite')],
  ['the state file’s log', (data) => join(data, 'state.sqlite-wal')],
  ['the history', (data) => join(data, 'history.duckdb')],
  ['the history’s log', (data) => join(data, 'history.duckdb.wal')],
];

const original = tempDir('damage');
let device: NumberedDevice;

/**
 * A data directory as a power cut leaves it: several segments, readings in the history's file itself from before the
 * last stop, and more of them in both logs, not yet folded in.
 */
beforeAll(async () => {
  const hub = new HubProcess({
    data: original.path,
    env: { FIELDLINE_RATE_LIMIT: '0', FIELDLINE_JOURNAL_SEGMENT_BYTES: '65536' },
  });
  await hub.start();
  device = new NumberedDevice('witness', await hub.http.addDevice('witness'), { padding: 100 });
  await send(hub, 3_000);
  await hub.stop();
  expect(existsSync(join(original.path, 'history.duckdb.wal'))).toBe(false);
  // Every few seconds the hub lets go of segments that were read by all: a cut right after that is no use here.
  for (let cut = 0; cut === 0 || segments(original.path).length < 2; cut++) {
    expect(cut, 'power cuts until one leaves several segments').toBeLessThan(5);
    await hub.start();
    await send(hub, 3_000);
    await hub.kill9();
  }
});

/** Sends so many messages and waits until they are acked and in the history. */
async function send(hub: HubProcess, messages: number): Promise<void> {
  await device.connect(hub.url);
  const load = new Load([device], 5_000);
  load.start();
  await load.until(messages);
  load.stop();
  const stored = async () =>
    expect((await hub.http.history('witness', 'n')).length).toBeGreaterThanOrEqual(device.acked);
  await vi.waitFor(stored, { timeout: 30_000, interval: 100 });
}

afterAll(() => original.remove());

describe.each(FILES)('%s', (_, find) => {
  it.concurrent.each(DAMAGES)(
    '%s: the hub serves, or says what is wrong and what to do',
    async (_name, damage) => {
      const copy = tempDir('damaged');
      cpSync(original.path, copy.path, { recursive: true });
      const hub = new HubProcess({ data: copy.path });
      try {
        const path = find(copy.path) ?? 'nothing';
        // A damage that meets nothing would prove nothing.
        expect(statSync(path).size).toBeGreaterThan(0);
        damage(path);
        if (await hub.launch()) await expectService(hub);
        else await expectExplanation(hub, copy.path);
      } finally {
        await hub.dispose();
        copy.remove();
      }
    },
  );
});

/** It serves old and new alike, on the first read and on the second. */
async function expectService(hub: HubProcess): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const id = `after-${round}`;
    const fresh = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice(id) });
    await fresh.hello({ boot: 'b1', seq: 0 });
    fresh.send({ type: 'telemetry', seq: 1, values: { ok: true } });
    await fresh.acked(1);
    expect((await hub.http.history(id, 'ok')).map(([, value]) => value)).toEqual([true]);
    await fresh.close();

    const answer = await hub.http.request('/api/v1/devices/witness/telemetry?metric=n&from=0&aggregate=raw');
    expect([200, 404]).toContain(answer.status);
    // What is still there is right: no number twice, none that was never sent.
    if (answer.status === 200) {
      const numbers = (await hub.http.history('witness', 'n')).map(([, value]) => Number(value));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers.filter((n) => !Number.isInteger(n) || n < 1 || n > device.sent)).toEqual([]);
    }
    expect((await hub.http.request('/readyz')).status).toBe(200);
  }
  expect(await hub.stop()).toEqual({ code: 0, signal: null });
}

/** It ended by itself with words that name the file and a way out. */
async function expectExplanation(hub: HubProcess, data: string): Promise<void> {
  const { code, signal } = await hub.exit;
  expect(signal).toBeNull();
  expect(code).toBeGreaterThan(0);
  const said = hub.output.lines.join('\n');
  expect(said).toContain(data);
  expect(said).toMatch(/restore|move|delete|remove|backup/i);
  // Words, not the inside of the program.
  expect(said).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
}

function segments(data: string): string[] {
  const directory = join(data, 'journal');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(directory, name));
}

/** Flips one bit at each place: a byte's number, or, below 1, a fraction of the file. */
function flip(path: string, places: readonly number[]): void {
  const bytes = readFileSync(path);
  for (const place of places) {
    const at = place < 1 ? Math.floor(place * bytes.length) : place;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
  }
  writeFileSync(path, bytes);
}
