import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { mosquittoPub, mosquittoSub } from '../kit/mosquitto-clients.js';
import { requireTool } from '../kit/require-tool.js';
import { run } from '../kit/run.js';
import { hub, PREFIX, say } from '../kit/shared-broker.js';

const hasMosquitto = requireTool('mosquitto_pub', 'mosquitto-clients', [
  'sh',
  '-c',
  'command -v mosquitto_pub',
]);

/** Debian's own Python has Debian's paho. */
const hasPaho = requireTool('paho', 'python3-paho-mqtt', [
  '/usr/bin/python3',
  '-c',
  'import paho.mqtt.client',
]);

describe('clients of others', () => {
  it.runIf(hasMosquitto)('mosquitto_pub and mosquitto_sub', async () => {
    const { url } = hub;
    const device = { url, ...hub.device('mos-1') };
    const sub = await mosquittoSub([`${PREFIX}/devices/mos-1/#`], device);
    const numbers = Array.from({ length: 50 }, (_, at) => `{"n":${at}}`);
    expect((await mosquittoPub(`${PREFIX}/ingest/mos-1`, numbers, device)).code).toBe(0);
    expect(hub.taken.map(({ payload }) => payload)).toEqual(numbers);
    await say('devices/mos-1/telemetry', 'seen');
    await sub.received(1).finally(() => sub.stop());
    const other = await mosquittoPub(`${PREFIX}/ingest/dev-1`, '{"n":0}', device);
    expect(other.code).not.toBe(0);
    const newer = await mosquittoPub('x', 'x', { ...device, args: ['-V', 'mqttv5'] });
    expect(newer.output).toContain('Unsupported Protocol Version');
    expect(hub.taken).toHaveLength(50);
  });

  it.runIf(hasPaho)('paho, over TCP and WebSocket', async () => {
    const script = new URL('../clients/paho-device.py', import.meta.url).pathname;
    const device = hub.device('paho-1');
    const { hostname, port } = new URL(hub.webSocketUrl);
    const args = [
      hostname,
      String(hub.broker.tcpPort),
      'paho-1',
      device.password,
      hub.person('viewer').password,
      port,
    ];
    expect(JSON.parse(await run('/usr/bin/python3', [script, ...args]))).toEqual({
      retained: [[`${PREFIX}/hub/status`, '{"online":true}', 1, 1]],
      confirmed: 30,
      disconnected: true,
      granted: [1, 128],
    });
    expect(hub.taken.map(({ payload }) => JSON.parse(payload).n)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
  });

  it('mqtt.js over WebSocket, as in a browser', async () => {
    const { username, password } = hub.person('viewer');
    const client = await connectAsync(hub.webSocketUrl, { username, password, protocolVersion: 4 });
    const got: string[] = [];
    client.on('message', (_topic, payload) => got.push(payload.toString()));
    await client.subscribeAsync(`${PREFIX}/devices/js-1/#`, { qos: 1 });
    const large = 'x'.repeat(60_000);
    for (const payload of ['1', large, '2']) await say('devices/js-1/telemetry', payload);
    while (got.length < 3) await new Promise((resolve) => client.once('message', resolve));
    expect(got).toEqual(['1', large, '2']);
    const ended = new Promise<void>((resolve) => client.once('close', resolve));
    client.publish(`${PREFIX}/ingest/dev-1`, 'x');
    await ended;
    await client.endAsync(true);
  });
});
