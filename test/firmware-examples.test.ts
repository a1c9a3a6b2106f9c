import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceView } from '@fieldline/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { canBuildHost, canSimulate, FIRMWARE, makeFirmware } from './kit/firmware.js';
import { cleanEnv, HubProcess } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

const hasCompiler =
  canBuildHost() &&
  requireTool('g++', 'g++') &&
  requireTool('cJSON', 'libcjson-dev', ['test', '-e', '/usr/include/cjson/cJSON.h']);
const hasPython = requireTool('python3', 'python3');

const hub = new HubProcess();
const directory = tempDir('firmware-examples');
let running: ChildProcess | undefined;

afterAll(async () => {
  running?.kill('SIGKILL');
  await hub.dispose();
  directory.remove();
});

it.runIf(hasCompiler)(
  'for ESP32, ESP-IDF and the Pico use their libraries as these are declared; a send that fails is made up for',
  () => makeFirmware('examples'),
  60_000,
);

it.runIf(canSimulate())('what the README shows compiles', () => makeFirmware('readme'));

it.runIf(canSimulate())(
  'the README says what the library costs on an AVR',
  () => makeFirmware('footprint-check'),
  120_000,
);

describe.runIf(hasPython)('the example for MicroPython', () => {
  it('keeps its readings while the hub is away, and stores each once; a sensor without an answer spoils none', async () => {
    await hub.start();
    const token = await hub.http.addDevice('board-1');
    const program = readFileSync(`${FIRMWARE}/examples/micropython/main.py`, 'utf8')
      .replace('http://192.168.4.2:8080', hub.url)
      .replace('fld_...', token)
      .replace('PERIOD_MS, KEPT, BATCH = 10000', 'PERIOD_MS, KEPT, BATCH = 50')
      .replace('"temperature": 21.5', '"temperature": 21.5, "humidity": 48 if seq % 2 else float("nan")');
    expect(program).toContain(token);
    expect(program).toContain('nan');
    const file = join(directory.path, 'main.py');
    writeFileSync(file, program);
    const stubs = `${FIRMWARE}/test/stubs/micropython`;
    running = spawn('python3', [`${stubs}/as_micropython.py`, file], {
      env: { ...cleanEnv(), PYTHONPATH: stubs },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const view = () => hub.http.get<DeviceView>('/api/v1/devices/board-1');
    await expect.poll(async () => (await view()).metrics.temperature?.value).toBe(21.5);
    await hub.restart();
    const received = async () => (await view()).counters.received;
    const before = await received();
    await expect.poll(received).toBeGreaterThan(before + 5);
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
    // The board's last words may still be on their way into the history.
    await expect
      .poll(async () => {
        const { counters } = await view();
        const stored = await hub.http.history('board-1', 'temperature');
        return { ...counters, missing: counters.received - counters.duplicates - stored.length };
      })
      .toMatchObject({ gaps: 0, rejected: 0, missing: 0 });
  });
});
