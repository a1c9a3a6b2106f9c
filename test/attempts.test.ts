import type { AttemptView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';

const hasMosquitto = requireTool('mosquitto_pub', 'mosquitto-clients', [
  'sh',
  '-c',
  'command -v mosquitto_pub',
]);

let hub: HubProcess;
let token: string;

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_MQTT_PORT: '0', FIELDLINE_DEVICE_HELLO_TIMEOUT_MS: '200' } });
  token = await hub.http.addDevice('esp-1');
});
afterAll(() => hub?.dispose());

async function newest(): Promise<AttemptView | undefined> {
  return (await hub.http.get<Page<AttemptView>>('/api/v1/attempts?device=esp-1')).items[0];
}

/** Opens the device socket without a header, says something, and waits for the end. */
async function say(first: string | null): Promise<void> {
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/ws/v1/device`);
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => first !== null && socket.send(first));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

it('a socket that says nothing, or something before its hello, is remembered', async () => {
  await say(null);
  expect(await newest()).toMatchObject({ kind: 'no_hello', device: null, address: '127.0.0.1', via: 'ws' });
  await say('{"temperature":21.5}');
  expect(await newest()).toMatchObject({ kind: 'no_token', code: 'unauthorized' });
});

it('a hello with a wrong token is remembered without it', async () => {
  await say(JSON.stringify({ type: 'hello', token: `${token}x` }));
  expect(await newest()).toMatchObject({ kind: 'bad_token', tokenFault: 'too_long', tokenLength: 48 });
  expect(JSON.stringify(await newest())).not.toContain(token.slice(4, 12));
});

it.skipIf(!hasMosquitto)('so are refused log-ins and topics of MQTT', async () => {
  const { mqtt } = await hub.http.get<{ mqtt: { port: number } }>('/api/v1/connection');
  const publish = (password: string, topic: string) =>
    run('mosquitto_pub', [
      ...['-h', '127.0.0.1', '-p', String(mqtt.port), '-u', 'esp-1', '-P', password],
      ...['-q', '1', '-t', topic, '-m', '{"values":{"a":1}}'],
    ]).catch(() => '');
  await publish('hunter2', 'fieldline/v1/ingest/esp-1');
  expect(await newest()).toMatchObject({ kind: 'bad_token', device: 'esp-1', via: 'mqtt', tokenLength: 7 });
  await publish(token, 'fieldline/v1/telemetry/esp-1');
  expect(await newest()).toMatchObject({
    ...{ kind: 'wrong_topic', device: 'esp-1', detail: 'fieldline/v1/telemetry/esp-1' },
  });
  expect(JSON.stringify(await hub.http.get('/api/v1/attempts'))).not.toContain('hunter2');
});
