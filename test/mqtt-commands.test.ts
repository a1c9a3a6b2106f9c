import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, type Mosquitto, startMosquitto } from './kit/mosquitto.js';
import { type MosquittoClientOptions, mosquittoPub } from './kit/mosquitto-clients.js';
import { MqttPeer, type PeerOptions } from './kit/mqtt-peer.js';
import { RawMqtt } from './kit/raw-mqtt.js';
import { requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';

const BROKERS = ['external', 'embedded'] as const;
/** For tests that make no sense with the other broker: they are not skipped, there are none. */
const NOWHERE = (_title: string, _tests: () => void): void => {};
const canRun =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_pub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);
const HUB_STATUS = 'fieldline/v1/hub/status';

type Command = Readonly<Record<string, unknown>> & { readonly id: string; readonly state: string };

let mosquitto: Mosquitto | undefined;
let hub: HubProcess;
let url: string;
let count = 0;
let id: string;
let token: string;

/** A topic of the device under test. */
const on = (rest: string) => `fieldline/v1/devices/${id}/${rest}`;

async function setUp(broker: (typeof BROKERS)[number], env: Record<string, string> = {}): Promise<void> {
  mosquitto = broker === 'external' ? await startMosquitto() : undefined;
  const port = mosquitto?.port ?? (await freePort());
  url = `mqtt://127.0.0.1:${port}`;
  const where =
    mosquitto === undefined
      ? { FIELDLINE_MQTT_PORT: String(port) }
      : { FIELDLINE_MQTT_URL: url, FIELDLINE_MQTT_COMMANDS: 'true' };
  hub = await startHub({ env: { FIELDLINE_PROFILES: `${ROOT}test/profiles`, ...where, ...env } });
}

async function tearDown(): Promise<void> {
  await hub?.dispose();
  await mosquitto?.dispose();
}

async function addDevice(): Promise<void> {
  id = `relay-${++count}`;
  token = await hub.http.addDevice(id, { profile: 'patient' });
}

/** What a client of the broker needs: with an embedded one its name and token. */
function as(username: string, password: string): PeerOptions & MosquittoClientOptions {
  return mosquitto === undefined
    ? { url, protocolVersion: 4, username, password }
    : { url, protocolVersion: 5 };
}

async function connect(options: PeerOptions, ...topics: string[]): Promise<MqttPeer> {
  const peer = await MqttPeer.connect(options, ...topics);
  onTestFinished(() => peer.destroy());
  return peer;
}

const operator = (...topics: string[]) => connect(as('ada', ADMIN_TOKEN), ...topics);

/** A device that has only MQTT, welcomed. */
async function mqttDevice(hello: object = {}): Promise<MqttPeer> {
  const device = await connect(as(id, token), on('down'));
  await say(device, { type: 'hello', boot: 'b1', seq: 0, caps: ['command', 'config'], ...hello });
  expect(await device.takeJson(on('down'), 'welcome')).toMatchObject({ config: 0 });
  return device;
}

/** A device with a device socket, welcomed. */
async function socketDevice(): Promise<DeviceClient> {
  const device = await DeviceClient.connect(hub.url, { token });
  onTestFinished(async () => {
    await device.close();
  });
  await device.hello({ boot: 'b1', seq: 0, caps: ['command', 'config'] });
  return device;
}

function say(device: MqttPeer, message: object): Promise<void> {
  return device.publish(on('up'), message);
}

async function give(body: object, query = ''): Promise<Command> {
  const answer = await hub.http.request(`/api/v1/devices/${id}/commands${query}`, { body });
  if (answer.status > 202) throw new Error(answer.text);
  return answer.json<Command>();
}

const show = (command: string) => hub.http.get<Command>(`/api/v1/commands/${command}`);
const commands = async () =>
  (await hub.http.get<{ items: Command[] }>(`/api/v1/devices/${id}/commands`)).items;
const relayOn = { name: 'relay.set', params: { on: true } };

describe.skipIf(!canRun).each(BROKERS)('with the %s broker', (broker) => {
  beforeAll(() => setUp(broker));
  afterAll(tearDown);
  beforeEach(addDevice);

  it('a command goes to a device on its socket, and its result out, again when telemetry proves it', async () => {
    const device = await socketDevice();
    const ada = await operator('fieldline/v1/devices/+/result/+');
    await ada.publish(on('command/relay.set'), { on: true });
    const { id: command, ...frame } = await device.take('command');
    expect(frame).toMatchObject({ name: 'relay.set', params: { on: true } });
    device.send({ type: 'result', id: command, status: 'ok', result: { on: true } });
    const result = on(`result/${command}`);
    const by = broker === 'external' ? 'mqtt' : 'admin';
    expect(await ada.takeJson(result)).toMatchObject({
      ...{ id: command, device: id, state: 'succeeded', result: { on: true }, verification: 'pending', by },
    });
    device.send({ relay: true });
    expect(await ada.takeJson(result)).toMatchObject({ state: 'succeeded', verification: 'verified' });
    expect(ada.messages).toEqual([]);
  });

  it('a device with MQTT only has commands, one at a time, and may answer late', async () => {
    const ada = await operator(on('result/+'));
    const device = await mqttDevice();
    const first = give(relayOn, '?wait=10000');
    const frame = await device.takeJson(on('down'), 'command');
    expect(frame).toMatchObject({ name: 'relay.set', params: { on: true } });
    const second = give({ name: 'identify' }, '?wait=10000');
    await say(device, { type: 'result', id: frame.id, status: 'accepted' });
    expect(device.messages).toEqual([]);
    await say(device, { type: 'result', id: frame.id, status: 'error', code: 'jammed', message: 'stuck' });
    expect(await first).toMatchObject({ state: 'failed', error: { code: 'jammed', message: 'stuck' } });
    expect(await ada.takeJson(on(`result/${frame.id}`))).toMatchObject({ state: 'failed' });
    const next = await device.takeJson(on('down'), 'command');
    expect(next).toMatchObject({ name: 'identify', params: { seconds: 10 } });
    await say(device, { type: 'result', id: next.id, status: 'ok' });
    await say(device, { type: 'result', id: next.id, status: 'ok' });
    expect(await second).toMatchObject({ state: 'succeeded' });

    const { id: lost } = await give(relayOn);
    await device.takeJson(on('down'), 'command');
    await say(device, { type: 'hello', boot: 'b2', seq: 0, caps: ['command'] });
    expect(await ada.takeJson(on(`result/${lost}`))).toMatchObject({
      ...{ state: 'timed_out', error: { code: 'rebooted' } },
    });
    await say(device, { type: 'result', id: lost, status: 'ok' });
    expect(await ada.takeJson(on(`result/${lost}`))).toMatchObject({ state: 'succeeded' });
  });

  it('a device with MQTT only has its configuration, the time, a log, and its errors', async () => {
    const ada = await operator(on('config'));
    const device = await mqttDevice();
    await ada.publish(on('config/set'), { interval: 5_000 });
    expect(await device.takeJson(on('down'), 'config')).toMatchObject({
      ...{ version: 1, desired: { interval: 5_000 } },
    });
    await say(device, { type: 'config', version: 1, ok: true, reported: { interval: 5_000 } });
    await ada.take(on('config'), ({ text }) => text === '{"interval":5000}');
    const late = await operator(on('config'));
    expect(await late.take(on('config'))).toMatchObject({ text: '{"interval":5000}', retain: true });
    expect(await hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({ config: { state: 'applied' } });

    await say(device, { type: 'time', uptime: 5 });
    expect(await device.takeJson(on('down'), 'time')).toMatchObject({ uptime: 5 });
    await say(device, { type: 'log', level: 'warn', message: 'brown-out detected' });
    expect(await hub.http.get(`/api/v1/devices/${id}/log`)).toMatchObject({
      items: [{ level: 'warn', message: 'brown-out detected' }],
    });
    await device.publish(on('up'), '{"type":"result","id":');
    expect(await device.takeJson(on('down'), 'error')).toMatchObject({ code: 'malformed', fatal: false });
    await say(device, { type: 'weather', seq: 4 });
    expect(await device.takeJson(on('down'), 'error')).toMatchObject({ code: 'unknown_type', seq: 4 });

    await device.publish(`fieldline/v1/ingest/${id}`, { boot: 'b1', seq: 1, values: { temperature: 'hot' } });
    expect(await device.takeJson(on('down'), 'reject')).toMatchObject({
      ...{ seq: 1, code: 'type_conflict', metric: 'temperature', row: 0, count: 1 },
    });
    expect(await device.takeJson(on('down'), 'ack')).toEqual({ type: 'ack', boot: 'b1', seq: 1 });
    await device.publish(`fieldline/v1/ingest/${id}`, '{"boot":"b1","seq":2,"values":{"temperature":nan}}');
    expect(await device.takeJson(on('down'), 'error')).toMatchObject({ code: 'malformed', seq: 2 });
    await say(device, { type: 'telemetry', boot: 'b1', seq: 3, values: { temperature: 21.5 } });
    expect(await device.takeJson(on('down'), 'ack')).toMatchObject({ seq: 3 });
    await expect.poll(() => hub.http.history(id, 'temperature').catch(() => [])).toHaveLength(1);
    expect(device.messages).toEqual([]);
  });

  it('a retained command is refused', async () => {
    const device = await mqttDevice();
    await mosquittoPub(on('command/identify'), '{}', {
      ...as('ada', ADMIN_TOKEN),
      retain: true,
      args: mosquitto ? ['-V', 'mqttv5'] : [],
    });
    const ada = await operator();
    await ada.publish(on('command/identify'), '');
    await device.takeJson(on('down'), 'command');
    expect(await commands()).toHaveLength(1);
  });

  it('a hub that is killed between a command and its answer asks again, gives it once, and believes the answer', async () => {
    const device = await mqttDevice();
    const logIn = { username: 'ada', password: ADMIN_TOKEN, clientId: 'switch' };
    const packet = {
      cmd: 'publish',
      topic: on('command/identify'),
      payload: '{}',
      qos: 1,
      messageId: 9,
    } as const;
    const before = await RawMqtt.logIn(url, logIn);
    before.send({ ...packet, dup: false, retain: false });
    const { id: command } = await device.takeJson(on('down'), 'command');
    await hub.kill9();
    await hub.start();
    const watcher = await operator(on('result/+'), HUB_STATUS);
    await watcher.take(HUB_STATUS, ({ text }) => text.includes('true'));
    if (broker === 'embedded') {
      // For all that its sender knows, the confirmation was lost.
      const after = await RawMqtt.logIn(url, logIn);
      onTestFinished(() => after.destroy());
      after.send({ ...packet, dup: true, retain: false });
      expect(await after.next('puback')).not.toBeNull();
    }
    const back = broker === 'embedded' ? await connect(as(id, token), on('down')) : device;
    await say(back, { type: 'hello', boot: 'b1', seq: 0, caps: ['command'] });
    expect(await back.takeJson(on('down'), 'command')).toMatchObject({ id: command, again: true });
    await say(back, { type: 'result', id: command, status: 'ok' });
    expect(await watcher.takeJson(on(`result/${command}`))).toMatchObject({ state: 'succeeded' });
    expect(await commands()).toMatchObject([{ id: command, state: 'succeeded' }]);
  });

  const onlyEmbedded = broker === 'embedded' ? describe : NOWHERE;
  onlyEmbedded('the embedded one', () => {
    /** @returns the code of mosquitto_pub: 0 when it was confirmed */
    const publish = async (
      topic: string,
      options: PeerOptions & MosquittoClientOptions,
    ): Promise<number | null> => (await mosquittoPub(topic, '{}', options)).code;

    it('takes commands of operators, in their name, and of nobody else', async () => {
      const device = await mqttDevice();
      const made = async (role: string) => {
        const body = { name: `${role}s-token`, role };
        const answer = await hub.http.request('/api/v1/tokens', { body });
        return as('anybody', answer.json<{ token: string }>().token);
      };
      const other = as(`${id}-other`, await hub.http.addDevice(`${id}-other`));
      for (const topic of [on('command/identify'), on('config/set')]) {
        expect(await publish(topic, await made('viewer'))).not.toBe(0);
        expect(await publish(topic, other)).not.toBe(0);
        expect(await publish(topic, as(id, token))).not.toBe(0);
      }
      expect(await publish(on('up'), other)).not.toBe(0);
      expect(await publish(on('command/identify'), await made('operator'))).toBe(0);
      await device.takeJson(on('down'), 'command');
      expect(await commands()).toMatchObject([{ name: 'identify', by: 'operators-token' }]);
      const query = `action=command.queued&subject=device:${id}`;
      expect(await hub.http.get(`/api/v1/audit?${query}`)).toMatchObject({
        items: [{ actor: 'token:operators-token', address: '127.0.0.1' }],
      });
      expect(device.messages).toEqual([]);
    });

    it('confirms what cannot be carried out, and says so where it counts', async () => {
      expect(await publish(on('command/identify'), as('ada', ADMIN_TOKEN))).toBe(0);
      expect(await commands()).toEqual([]);
      const { text } = await hub.http.request('/metrics');
      expect(text).toMatch(/^fieldline_mqtt_requests_total\{result="refused"\} [1-9]/m);
    });

    it('has a device reached by nobody when its connection is gone, and gives it nothing old', async () => {
      const session = { ...as(id, token), clientId: 'stays', clean: false };
      const device = await connect(session, on('down'));
      await say(device, { type: 'hello', boot: 'b1', seq: 0, caps: ['command'] });
      await device.takeJson(on('down'), 'welcome');
      device.destroy();
      await expect.poll(() => hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({ online: false });
      await expect(give(relayOn)).rejects.toThrow('device_offline');
      // Its other connection gets a command that the session must not keep for it.
      const other = await mqttDevice();
      const { id: command } = await give(relayOn);
      await other.takeJson(on('down'), 'command');
      const back = await connect(session);
      await say(back, { type: 'time', uptime: 1 });
      await back.takeJson(on('down'), 'time');
      expect(back.messages).toEqual([]);
      expect(await show(command)).toMatchObject({ state: 'sent' });
    });

    it('answers a device that does not wait for its SUBACK', async () => {
      const raw = await RawMqtt.logIn(url, {
        username: id,
        password: token,
        clientId: 'hasty',
        clean: false,
      });
      onTestFinished(() => raw.destroy());
      raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: on('down'), qos: 1 }] });
      raw.send({
        cmd: 'publish',
        topic: on('up'),
        payload: '{"type":"hello"}',
        qos: 1,
        messageId: 2,
        dup: false,
        retain: false,
      });
      expect(await raw.next('publish')).toMatchObject({ topic: on('down') });
    });
  });

  const onlyExternal = broker === 'external' ? describe : NOWHERE;
  onlyExternal('an external one', () => {
    const answerTo = (topic: string, more: object = {}) => ({
      properties: { responseTopic: topic, correlationData: Buffer.from([7, 0, 255]), ...more },
    });

    it('has a command answered where its sender wants, with what it knows it by', async () => {
      const device = await mqttDevice();
      const ada = await operator('ada/answers');
      await ada.publish(
        on('command/relay.set'),
        { on: true },
        answerTo('ada/answers', { messageExpiryInterval: 90 }),
      );
      const frame = await device.takeJson(on('down'), 'command');
      expect(frame.ttl).toBeGreaterThan(60_000);
      await say(device, { type: 'result', id: frame.id, status: 'accepted' });
      expect(ada.messages).toEqual([]);
      await say(device, { type: 'result', id: frame.id, status: 'ok', result: 'done' });
      const { text, properties, retain } = await ada.take('ada/answers');
      expect(JSON.parse(text)).toMatchObject({
        id: frame.id,
        state: 'succeeded',
        result: 'done',
        by: 'mqtt',
        ttl: 90_000,
      });
      expect(properties.correlationData).toEqual(Buffer.from([7, 0, 255]));
      expect(retain).toBe(false);
      await ada.publish(on('config/set'), { interval: 200 }, answerTo('ada/answers'));
      expect(await ada.takeJson('ada/answers')).toMatchObject({
        version: 1,
        state: 'pending',
        desired: { interval: 200 },
      });
    });

    it('has errors answered there, too', async () => {
      const ada = await operator('ada/answers');
      const codeFor = async (topic: string, payload: object | string, more: { retain?: boolean } = {}) => {
        await ada.publish(topic, payload, { ...answerTo('ada/answers'), ...more });
        const { text, properties } = await ada.take('ada/answers');
        expect(properties.correlationData).toEqual(Buffer.from([7, 0, 255]));
        const { error } = JSON.parse(text) as { error: { code: string; message: string } };
        expect(error.message).not.toBe('');
        return error.code;
      };
      expect(await codeFor(on('command/relay.set'), { on: true })).toBe('device_offline');
      expect(await codeFor(on('command/relay.set'), { on: 'yes' })).toBe('bad_params');
      expect(await codeFor(on('command/relay.set'), '[true]')).toBe('bad_params');
      expect(await codeFor(on('command/relay.set'), '{"on":')).toBe('bad_params');
      expect(await codeFor(on('command/fly'), {})).toBe('unknown_command');
      expect(await codeFor('fieldline/v1/devices/nobody/command/fly', {})).toBe('not_found');
      expect(await codeFor(on('config/set'), { interval: 1 })).toBe('bad_config');
      expect(await codeFor(on('config/set'), '5')).toBe('bad_config');
      expect(await codeFor(on('command/identify'), {}, { retain: true })).toBe('retained');
      expect(await commands()).toEqual([]);
    });

    it('has no command given whose answer would go where it must not', async () => {
      const device = await mqttDevice();
      const ada = await operator();
      // mosquitto lets no wildcards through.
      for (const topic of [on('down'), 'fieldline/v1', HUB_STATUS, '$SYS/broker/x', '$share/x/y']) {
        await ada.publish(on('command/identify'), '', answerTo(topic));
      }
      await ada.publish(on('command/identify'), { seconds: 1 }, answerTo('fieldline/v10/answers'));
      expect(await device.takeJson(on('down'), 'command')).toMatchObject({ params: { seconds: 1 } });
      expect(await commands()).toHaveLength(1);
      const { text } = await hub.http.request('/metrics');
      expect(text).toContain('fieldline_mqtt_requests_total{result="bad_response_topic"} 5');
    });

    it('has a command given once that comes again with its key', async () => {
      await mqttDevice();
      const ada = await operator('ada/answers');
      const properties = { responseTopic: 'ada/answers', userProperties: { 'idempotency-key': 'k1' } };
      for (const name of ['identify', 'identify', 'relay.set']) {
        await ada.publish(on(`command/${name}`), name === 'identify' ? {} : { on: true }, { properties });
      }
      expect(await ada.takeJson('ada/answers')).toMatchObject({ error: { code: 'idempotency_conflict' } });
      expect(await commands()).toHaveLength(1);
    });

    it('has an operator whose broker was away find the results over HTTP', async () => {
      const device = await socketDevice();
      await mosquitto?.stop();
      const { id: command } = await give(relayOn);
      await device.take('command');
      device.send({ type: 'result', id: command, status: 'ok' });
      await expect.poll(() => show(command)).toMatchObject({ state: 'succeeded' });
      const { text } = await hub.http.request('/metrics');
      expect(text).toMatch(/^fieldline_mqtt_skipped_total [1-9]/m);
      await mosquitto?.start();
    });
  });
});

describe.skipIf(!canRun)('an external broker from which commands are not taken', () => {
  beforeAll(() => setUp('external', { FIELDLINE_MQTT_COMMANDS: 'false' }));
  afterAll(tearDown);
  beforeEach(addDevice);

  it('brings none, and what devices say all the same', async () => {
    const device = await mqttDevice();
    const ada = await operator();
    await ada.publish(on('command/identify'), {});
    await ada.publish(on('config/set'), { interval: 500 });
    const done = give(relayOn, '?wait=10000');
    const frame = await device.takeJson(on('down'), 'command');
    expect(frame).toMatchObject({ name: 'relay.set' });
    await say(device, { type: 'result', id: frame.id, status: 'ok' });
    expect(await done).toMatchObject({ state: 'succeeded' });
    expect(await commands()).toHaveLength(1);
    expect(device.messages).toEqual([]);
  });
});
