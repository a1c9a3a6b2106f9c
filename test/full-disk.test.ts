import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandView, Page } from '@fieldline/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AnsweringDevice } from './kit/answering-device.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';
import { missing } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

const MIB = 1_024 ** 2;

/** Mounts a disk of its own; undefined where we may not. */
function smallDisk(path: string, sizeMib: number): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    missing(`a full disk needs the right to mount a tmpfs: ${String(error)}`);
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return path;
}

/**
 * Takes all space but `leaveBytes`, also what the hub frees meanwhile (of its logs, say), as whoever fills a disk does;
 * gives it back when called.
 */
function fill(disk: string, leaveBytes: number): () => void {
  const path = join(disk, 'ballast');
  const ballast = openSync(path, 'w');
  const takeRest = (): void => {
    try {
      for (;;) {
        const { bavail, bsize } = statfsSync(disk);
        const size = Math.min(MIB, bavail * bsize - leaveBytes);
        if (size <= 0) return;
        writeSync(ballast, Buffer.alloc(size));
      }
    } catch (error) {
      // The hub writes too: what was free a moment ago may be gone.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  };
  takeRest();
  const timer = setInterval(takeRest, 20);
  let isHeld = true;
  const giveBack = (): void => {
    if (!isHeld) return;
    isHeld = false;
    clearInterval(timer);
    closeSync(ballast);
    rmSync(path);
  };
  onTestFinished(giveBack);
  return giveBack;
}

/** A hub on `data`, with a device that is connected and had messages acked. */
async function busyHub(data: string, env: Readonly<Record<string, string>>) {
  const hub = await startHub({ data, env: { FIELDLINE_RATE_LIMIT: '0', ...env } });
  onTestFinished(() => hub.dispose());
  const token = await hub.http.addDevice('dev-1');
  // Large messages: what has to fill up does so after few syncs, however slow the disk.
  const device = new NumberedDevice('dev-1', token, { padding: 200 });
  await device.connect(hub.url);
  const load = new Load([device], 5_000);
  load.start();
  onTestFinished(() => load.stop());
  await load.until(500);
  return { hub, token, device, load };
}

/** Waits until the hub refuses: to devices by window 0, over HTTP by 503, and in `/readyz`. */
async function refusing(hub: HubProcess, token: string, device: NumberedDevice, trouble: string) {
  await vi.waitFor(() => expect(device.remarks.at(-1)).toEqual({ type: 'window', window: 0 }), {
    timeout: 50_000,
  });
  const ready = await hub.http.request('/readyz');
  expect(ready.status).toBe(503);
  expect(ready.json()).toMatchObject({ status: 'unavailable', journal: { trouble } });
  const ingest = await hub.http.request('/api/v1/ingest/dev-1', { token, body: { values: { n: 0 } } });
  expect(ingest.status).toBe(503);
  expect(ingest.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(ingest.json()).toMatchObject({ code: 'journal_unavailable' });
}

/** Waits until the hub takes everything again, and all that was acked is in the history, once. */
async function recovered(hub: HubProcess, device: NumberedDevice, load: Load) {
  await vi.waitFor(() => expect(device.remarks.at(-1)).toEqual({ type: 'window', window: 256 }), {
    timeout: 50_000,
  });
  await load.until(500);
  load.stop();
  expect((await hub.http.request('/readyz')).status).toBe(200);
  await vi.waitFor(() => expect(device.acked).toBe(device.sent), { timeout: 50_000 });
  const stored = await vi.waitFor(
    async () => {
      const numbers = (await hub.http.history('dev-1', 'n')).map(([, n]) => Number(n));
      expect(numbers.at(-1)).toBe(device.sent);
      return numbers;
    },
    { timeout: 50_000 },
  );
  expect(stored).toEqual(Array.from({ length: device.sent }, (_, index) => index + 1));
}

describe('a disk that is full', () => {
  it('makes devices wait at journal.minFreeBytes, and the hub goes on by itself', async () => {
    const directory = tempDir('disk');
    onTestFinished(() => directory.remove());
    const disk = smallDisk(directory.path, 64);
    if (disk === undefined) return;
    const { hub, token, device, load } = await busyHub(disk, { FIELDLINE_JOURNAL_MIN_FREE_BYTES: '16MiB' });
    const giveBack = fill(disk, 15 * MIB);
    await refusing(hub, token, device, 'disk_full');
    giveBack();
    await recovered(hub, device, load);
  });

  it('under the history fills the journal up to its cap; with space, all that was acked arrives', async () => {
    const directory = tempDir('disk');
    onTestFinished(() => directory.remove());
    const disk = smallDisk(directory.path, 32);
    if (disk === undefined) return;
    mkdirSync(join(disk, 'journal'));
    if (smallDisk(join(disk, 'journal'), 32) === undefined) return;
    const { hub, token, device, load } = await busyHub(disk, {
      FIELDLINE_JOURNAL_MIN_FREE_BYTES: '0',
      FIELDLINE_JOURNAL_SEGMENT_BYTES: '64KiB',
      FIELDLINE_JOURNAL_MAX_BYTES: '1MiB',
    });
    const giveBack = fill(disk, 0);
    await refusing(hub, token, device, 'journal_full');
    // The journal may be full before DuckDB has tried once.
    const duckdb = async () =>
      (await hub.http.request('/readyz')).json<{ sinks: { duckdb: object } }>().sinks.duckdb;
    await expect.poll(duckdb).toMatchObject({ state: 'holding', error: expect.stringMatching(/space/) });
    giveBack();
    await recovered(hub, device, load);
  });

  it('sends no command that is not on disk, and loses no answer that comes meanwhile', async () => {
    const directory = tempDir('disk');
    onTestFinished(() => directory.remove());
    const disk = smallDisk(directory.path, 32);
    if (disk === undefined) return;
    const hub = await startHub({ data: disk });
    onTestFinished(() => hub.dispose());
    const device = new AnsweringDevice('relay-1', await hub.http.addDevice('relay-1'));
    await device.connect(hub.url);
    onTestFinished(() => device.drop());
    const give = () =>
      hub.http.request('/api/v1/devices/relay-1/commands?wait=200', { body: { name: 'identify' } });
    const giveBack = fill(disk, 0);
    let given = 0;
    // Some room may be left in what the state file has on disk already.
    const refused = await vi.waitFor(
      async () => {
        const answer = await give();
        if (answer.status < 300) given++;
        expect(answer.status).toBe(503);
        return answer;
      },
      { timeout: 50_000, interval: 1 },
    );
    expect(refused.json()).toMatchObject({ code: 'state_unwritable' });
    expect(device.executed.length).toBeLessThanOrEqual(given);
    giveBack();
    await vi.waitFor(async () => expect((await give()).status).toBe(200), { timeout: 50_000 });
    await vi.waitFor(
      async () => {
        const { items } = await hub.http.get<Page<CommandView>>('/api/v1/commands?limit=1000');
        const inState = (...states: string[]) => items.filter(({ state }) => states.includes(state));
        expect(inState('succeeded').map(({ id }) => id)).toEqual([...device.executed].reverse());
        expect(inState('sent', 'timed_out', 'failed')).toEqual([]);
      },
      { timeout: 50_000 },
    );
  });
});
