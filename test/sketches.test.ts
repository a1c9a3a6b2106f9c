import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import {
  type Board,
  type ConnectionView,
  type DeviceView,
  exampleValues,
  mqttAddressOf,
  type ProfileDocument,
  sketchOf,
} from '@fieldline/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnv, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

/** Debian's Python: another one on the path may not see Debian's modules. */
const PYTHON = '/usr/bin/python3';
const STUBS = `${ROOT}test/clients/sketch-stubs`;
const hasWebsockets = requireTool('websockets', 'python3-websockets', [PYTHON, '-c', 'import websockets']);
const hasMosquitto = requireTool('mosquitto_pub', 'mosquitto-clients', [
  'sh',
  '-c',
  'command -v mosquitto_pub',
]);
const hasCompiler = requireTool('g++', 'g++');
const hasCurl = requireTool('curl', 'curl');

let hub: HubProcess;
let connection: ConnectionView;
const directory = tempDir('sketches');
const running: ChildProcess[] = [];

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_MQTT_PORT: '0' } });
  connection = await hub.http.get<ConnectionView>('/api/v1/connection');
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exit;
  }
});
afterAll(async () => {
  await hub?.dispose();
  directory.remove();
});

/** A new device, and its sketch as the page fills it in. */
async function sketchFor(board: Board, hubUrl = hub.url) {
  const id = `by-${board}`;
  const token = await hub.http.addDevice(id, { profile: 'cold-room' });
  const profile = await hub.http.get<ProfileDocument>('/api/v1/profiles/cold-room');
  const values = exampleValues(profile);
  const mqtt = mqttAddressOf(hubUrl, connection.mqtt);
  return {
    id,
    token,
    values,
    code: sketchOf(board, { hubUrl, device: id, token, values, intervalMs: 1_000, mqtt }),
  };
}

/** Runs a program that goes on for ever, until the test ends. */
function go(command: string, args: readonly string[], env: Record<string, string> = {}): void {
  running.push(spawn(command, args, { cwd: ROOT, env: { ...cleanEnv(), ...env }, stdio: 'inherit' }));
}

async function arrived(id: string, values: object): Promise<void> {
  const latest = async () => {
    const { metrics } = await hub.http.get<DeviceView>(`/api/v1/devices/${id}`);
    const known = Object.entries(metrics).filter(([, { value }]) => value !== null);
    return Object.fromEntries(known.map(([name, { value }]) => [name, value]));
  };
  await expect.poll(latest).toEqual(values);
}

describe('a sketch, pasted as it is, sends its reading', () => {
  it.skipIf(!hasCurl)('curl', async () => {
    const { id, values, code } = await sketchFor('curl');
    expect(JSON.parse(await run('sh', ['-c', `${code} -s`]))).toMatchObject({ accepted: 1 });
    await arrived(id, values);
  });

  it.skipIf(!hasMosquitto)('mosquitto_pub', async () => {
    const { id, values, code } = await sketchFor('mosquitto_pub');
    await run('sh', ['-c', code]);
    await arrived(id, values);
  });

  it('Node', async () => {
    const { id, values, code } = await sketchFor('node');
    go(process.execPath, ['--input-type=module', '-e', code]);
    await arrived(id, values);
  });

  it.skipIf(!hasWebsockets)('Python', async () => {
    const { id, values, code } = await sketchFor('python');
    go(PYTHON, ['-c', code]);
    await arrived(id, values);
  });

  it.skipIf(!hasWebsockets)('MicroPython, on a Python with a stand-in for its requests', async () => {
    const { id, values, code } = await sketchFor('micropython');
    go(PYTHON, ['-c', code], { PYTHONPATH: STUBS });
    await arrived(id, values);
  });
});

describe.skipIf(!hasCompiler)('a sketch for a board, compiled against what it uses of its libraries', () => {
  const STRICT = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', '-I', STUBS];

  async function ran(board: Board, compiler: string, file: string, hubUrl: string) {
    const sketch = await sketchFor(board, hubUrl);
    const source = `${directory.path}/${file}`;
    writeFileSync(source, sketch.code);
    await run(compiler, [...STRICT, '-o', `${source}.out`, source]);
    const said = await run(`${source}.out`, []);
    await hub.http.request(`/api/v1/devices/${sketch.id}`, { method: 'DELETE' });
    return { ...sketch, lines: said.trimEnd().split(/\r?\n/) };
  }

  it.each([
    ['http://192.168.4.2:8080', 'ws 192.168.4.2 8080 /ws/v1/device'],
    ['https://hub.example', 'wss hub.example 443 /ws/v1/device'],
  ])('Arduino, for %s', async (hubUrl, opened) => {
    const { id, token, values, lines } = await ran('arduino-esp32', 'g++', 'sketch.cpp', hubUrl);
    const [open, as, text = ''] = lines;
    expect([open, as]).toEqual([opened, `as ${id} ${token}`]);
    expect(JSON.parse(text.replace(/^text /, ''))).toEqual(values);
  });

  it.each([
    ['http://192.168.4.2:8080', 'uri ws://192.168.4.2:8080/ws/v1/device'],
    ['https://hub.example', 'uri wss://hub.example:443/ws/v1/device'],
  ])('ESP-IDF, for %s', async (hubUrl, opened) => {
    const { token, values, lines } = await ran('esp-idf', 'gcc', 'sketch.c', hubUrl);
    const [uri, header, text = ''] = lines;
    expect([uri, header]).toEqual([opened, `Authorization: Bearer ${token}`]);
    expect(JSON.parse(text.replace(/^text /, ''))).toEqual(values);
  });
});
