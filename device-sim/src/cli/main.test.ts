import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StandInHub } from '../stand-in-hub.fixture.js';
import { run } from './main.js';

const PROFILES = new URL('../../../profiles', import.meta.url).pathname;

let hub: StandInHub;
let data: string;
let env: Record<string, string>;

beforeEach(async () => {
  hub = new StandInHub();
  await hub.open();
  data = await mkdtemp(join(tmpdir(), 'fieldline-sim-'));
  env = { FIELDLINE_URL: hub.url, FIELDLINE_DATA: data, FIELDLINE_PROFILES: PROFILES };
});

afterEach(async () => {
  hub.close();
  await rm(data, { recursive: true });
});

/** Runs a command line; `interrupt()` is Ctrl-C. */
function start(words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signals: (() => void)[] = [];
  const code = run({
    argv: ['node', 'fieldline-sim', ...words],
    env,
    stdout,
    stderr,
    on: (_signal, listener) => signals.push(listener),
  });
  const done = code.then((exitCode) => ({
    exitCode,
    out: String(stdout.read() ?? ''),
    err: String(stderr.read() ?? ''),
  }));
  return { done, interrupt: () => signals[0]?.() };
}

test('it runs until Ctrl-C, waits for the last acks, and sums up', async () => {
  await writeFile(join(data, 'admin-token'), `${hub.apiToken}\n`);
  const { done, interrupt } = start(['--devices', '2', '--rate', '100']);
  await hub.until(() => hub.received.length >= 20);
  interrupt();
  const { exitCode, out, err } = await done;
  expect(err).toBe('');
  expect(exitCode).toBe(0);
  expect([...hub.registered.keys()].sort()).toEqual(['env-sensor-01', 'env-sensor-02']);
  expect(out).toMatch(/^devices {5}2$/m);
  expect(out).toContain(`acked       ${hub.received.length}`);
  expect(out).toMatch(/^latency {5}p50 [\d.]+ ms {2}p99 [\d.]+ ms {2}max [\d.]+ ms$/m);
});

test('--json prints one object, after --duration', async () => {
  const words = ['-n', '1', '-r', '50', '-d', '200ms', '--json', '--api-token', hub.apiToken];
  const { exitCode, out } = await start([...words, '--mode', 'rows', '--batch', '2', '--prefix', 'x']).done;
  expect(exitCode).toBe(0);
  const summary = JSON.parse(out);
  expect(summary).toMatchObject({ devices: 1, sent: hub.received.length, acked: hub.received.length });
  expect(hub.received[0]).toMatchObject({ device: 'x-01', message: { rows: { length: 2 } } });
});

test('messages that were never acked make it fail, and a second Ctrl-C ends the waiting for them', async () => {
  hub.answer = () => [];
  const { done, interrupt } = start(['-n', '1', '--api-token', hub.apiToken, '--json']);
  await hub.until(() => hub.received.length === 1);
  interrupt();
  interrupt();
  const { exitCode, out } = await done;
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ sent: 1, acked: 0, latencyMs: null });
});

test.each([
  [['--profile', 'nope'], 1, 'there is no profile nope'],
  [['--devices', '0'], 2, 'A whole number from 1'],
  [['--mode', 'xml'], 2, 'single, rows, columns'],
  [['--duration', 'soon'], 2, '30s'],
  [['--profile', 'missing.yaml'], 1, 'missing.yaml'],
  [['--devices', '1'], 1, 'API token is needed'],
])('%j ends with %i', async (words, code, message) => {
  const { exitCode, err, out } = await start(words).done;
  expect(err).toContain(message);
  expect({ exitCode, out }).toEqual({ exitCode: code, out: '' });
});
