import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadline } from './kit/deadline.js';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, cleanEnv, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { LineReader } from './kit/line-reader.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';
import { ViewerClient } from './kit/viewer-client.js';

const PYTHON = '/usr/bin/python3';
const hasWebsockets = requireTool("Python's websockets", 'python3-websockets', [
  PYTHON,
  '-c',
  'import websockets',
]);
const hasCbor = requireTool("Python's cbor2", 'python3-cbor2', [PYTHON, '-c', 'import cbor2']);

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.dispose());

function connect(token: string, protocols: readonly string[] = [SUBPROTOCOL_CBOR]): Promise<DeviceClient> {
  return DeviceClient.connect(hub.url, { token, protocols });
}

describe.skipIf(!(hasWebsockets && hasCbor))('a client of CBOR that nobody here wrote', () => {
  it('streams in every shape, reads every answer, and takes a command and a configuration', async () => {
    const token = await hub.http.addDevice('python');
    const script = fileURLToPath(new URL('clients/cbor-device.py', import.meta.url));
    const base = Date.now() - 60_000;
    const child = spawn(PYTHON, [script, hub.url, token, String(base)], {
      env: cleanEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = new LineReader(child.stdout, child.stderr);
    try {
      await deadline(
        output.find((line) => line === 'READY' || undefined),
        () => output.tail(),
      );
      const waited = await hub.http.request('/api/v1/devices/python/commands?wait=20000', {
        body: { name: 'level.set', params: { to: 0.5, label: 'grün' } },
      });
      expect(waited.json()).toMatchObject({ state: 'succeeded', result: { to: 0.5 } });
      const config = await hub.http.request('/api/v1/devices/python/config', {
        method: 'PUT',
        body: { desired: { interval: 5_000, factor: 0.1 } },
      });
      expect(config.status).toBe(200);
      await expect
        .poll(() => hub.http.get('/api/v1/devices/python'))
        .toMatchObject({ config: { state: 'applied', reported: { interval: 5_000, factor: 0.1 } } });
      await hub.restart();
      const seen = JSON.parse(
        await deadline(
          output.find((line) => (line[0] === '{' ? line : undefined)),
          () => output.tail(),
        ),
      );

      expect(seen).toMatchObject({
        subprotocol: SUBPROTOCOL_CBOR,
        welcome: { type: 'welcome', ack: null, window: 256, maxFrame: 65_536 },
        ack: { type: 'ack', boot: 'python1', seq: 4 },
        time: { type: 'time', uptime: 5_123 },
        command: { name: 'level.set', params: { to: 0.5, label: 'grün' } },
        config: { version: 1, desired: { interval: 5_000, factor: 0.1 } },
        bye: { type: 'bye' },
      });
      expect(
        seen.rejects.map(({ type, seq, code, metric }: Record<string, unknown>) => [type, seq, code, metric]),
      ).toEqual(
        expect.arrayContaining([
          ['reject', 4, 'type_conflict', 'label'],
          ['reject', 4, 'bad_value', 'nan'],
          ['reject', 4, 'bad_value', 'endless'],
          ['reject', 4, 'bad_value', 'raw'],
        ]),
      );
      expect(seen.errors.map(({ code, seq, fatal }: Record<string, unknown>) => [code, seq, fatal])).toEqual([
        ['malformed', 5, false],
        ['malformed', 6, false],
        ['malformed', undefined, false],
        ['malformed', 7, false],
        ['unknown_type', 8, false],
      ]);
      expect(seen.longest).toBeLessThanOrEqual(256);
      expect(await hub.http.history('python', 'bare')).toMatchObject([[expect.any(Number), 21.5]]);
      expect(await hub.http.history('python', 'x')).toEqual([
        [base, 0.1],
        [base + 1_000, -1e-9],
        [base + 2_000, 1e300],
        [base + 3_000, 9_007_199_254_740_991],
        [base + 4_000, 3],
        [base + 5_000, 1.5],
      ]);
      expect(await hub.http.history('python', 'label')).toEqual([[base, 'grün']]);
      const refused = (await hub.http.quarantine('python')).map(({ metric, value }) => [metric, value]);
      expect(refused).toEqual(
        expect.arrayContaining([
          ['raw', { bytes: '0102' }],
          [null, expect.stringMatching(/^h'a36474/)],
        ]),
      );
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('CBOR', () => {
  it.each([
    [[SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON], SUBPROTOCOL_CBOR],
    [[SUBPROTOCOL_JSON, SUBPROTOCOL_CBOR], SUBPROTOCOL_JSON],
    [['arduino', SUBPROTOCOL_CBOR], SUBPROTOCOL_CBOR],
    [[], ''],
  ])('offered as %j, gives "%s"', async (offered, agreed) => {
    const id = `offer-${offered.length}-${offered[0] ?? 'none'}`.replaceAll('.', '-');
    const device = await connect(await hub.http.addDevice(id), offered);
    expect(device.socket.protocol).toBe(agreed);
    expect(await device.hello({ boot: 'b1', seq: 0 })).toMatchObject({ type: 'welcome', ack: null });
    device.send({ type: 'telemetry', seq: 1, values: { a: 1 } });
    await device.acked(1);
    await device.close();
  });

  it('is logged in with in a hello, and refused in it', async () => {
    const token = await hub.http.addDevice('hello');
    const protocols = [SUBPROTOCOL_CBOR];
    const device = await DeviceClient.connect(hub.url, { protocols });
    await device.hello({ token });
    const stranger = await DeviceClient.connect(hub.url, { protocols });
    stranger.send({ type: 'hello', token: 'fld_no' });
    expect(await stranger.take('error')).toMatchObject({ code: 'unauthorized', fatal: true });
    expect((await stranger.end()).code).toBe(4401);
    await device.close();
  });

  it('is counted in its own bytes where the device can take so many', async () => {
    const device = await connect(await hub.http.addDevice('small'));
    await device.hello({ boot: 'b1', seq: 0, caps: ['command'], rxMax: 256 });
    const give = (params: object) =>
      hub.http.request('/api/v1/devices/small/commands', { body: { name: 'set', params } });
    // A float takes nine bytes, and three as text; a name and a text take two and four less.
    const floats = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`p${n}`, 0.1]));
    expect(JSON.stringify(floats).length).toBeLessThan(170);
    expect((await give(floats)).json()).toMatchObject({ code: 'too_large' });
    const texts = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}`, 'on']));
    expect(JSON.stringify(texts).length).toBeGreaterThan(200);
    expect((await give(texts)).status).toBe(202);
    expect(await device.take('command')).toMatchObject({ params: texts });
    await device.close();
  });

  it('is shown as JSON to those who watch the wire, without a token', async () => {
    const token = await hub.http.addDevice('watched');
    const viewer = await ViewerClient.connect(hub.url, ADMIN_TOKEN);
    viewer.send({ type: 'subscribe', id: 1, devices: ['watched'], what: ['raw'] });
    await viewer.take('snapshot');
    const device = await connect(token);
    await device.hello({ boot: 'b1', token });
    const shown = [await viewer.take('raw'), await viewer.take('raw')] as {
      direction?: string;
      frame?: string;
    }[];
    expect(shown.map(({ direction }) => direction)).toEqual(['in', 'out']);
    expect(JSON.parse(shown[0]?.frame ?? '')).toEqual({ type: 'hello', boot: 'b1', token: '…' });
    expect(JSON.parse(shown[1]?.frame ?? '')).toMatchObject({ type: 'welcome' });
    await viewer.close();
    await device.close();
  });

  it('costs the connection at the tenth frame that cannot be read', async () => {
    const device = await connect(await hub.http.addDevice('broken'));
    for (let n = 0; n < 10; n++) device.send(Buffer.from('bf6161ff', 'hex'));
    expect((await device.end()).code).toBe(4400);
    expect(device.messages.map(({ code, fatal }) => [code, fatal])).toEqual([
      ...Array.from({ length: 9 }, () => ['malformed', false]),
      ['malformed', true],
    ]);
  });

  it('is what simulated devices speak when told so, and all is acked', async () => {
    const data = tempDir('sim');
    try {
      const args = ['--url', hub.url, '--api-token', ADMIN_TOKEN, '--tokens', `${data.path}/tokens.json`];
      const load = [
        '--devices',
        '3',
        '--rate',
        '20',
        '--duration',
        '1s',
        '--mode',
        'columns',
        '--batch',
        '5',
      ];
      const sim = `${ROOT}device-sim/bin/fieldline-sim.mjs`;
      const summary = JSON.parse(await run(process.execPath, [sim, ...args, ...load, '--cbor', '--json']));
      expect(summary.sent).toBeGreaterThan(3);
      expect(summary).toMatchObject({ acked: summary.sent, rejected: 0, errors: {} });
    } finally {
      data.remove();
    }
  });
});
