import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadProfiles, topics as topicsUnder, type Value } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../hub/src/config.js';
import { Devices } from '../hub/src/devices/devices.js';
import { Presence } from '../hub/src/devices/presence.js';
import { Registry } from '../hub/src/devices/registry.js';
import { ExternalBroker } from '../hub/src/mqtt/client/external-broker.js';
import { HomeAssistantDiscovery } from '../hub/src/mqtt/home-assistant/discovery.js';
import { objections } from '../hub/src/mqtt/home-assistant/home-assistant.fixture.js';
import { ingestCounters } from '../hub/src/mqtt/ingest-counters.js';
import { RetainedTopics } from '../hub/src/mqtt/retained-topics.js';
import { StatePublisher } from '../hub/src/mqtt/state-publisher.js';
import { StatusPublisher } from '../hub/src/mqtt/status-publisher.js';
import { AnnouncedDevices } from '../hub/src/state/announced-devices.js';
import { TestState } from '../hub/src/state/state.fixture.js';
import { DeviceClient } from './kit/device-client.js';
import { ROOT, startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, type Mosquitto, startMosquitto } from './kit/mosquitto.js';
import { type MosquittoSub, mosquittoPub, mosquittoSub } from './kit/mosquitto-clients.js';
import { requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';

const PYTHON = '/usr/bin/python3';
const hasBroker =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);
const hasJinja = requireTool('Jinja', 'python3-jinja2', [PYTHON, '-c', 'import jinja2']);
const TOPICS = topicsUnder();
const silent = { info: () => undefined, warn: () => undefined, debug: () => undefined };

let mosquitto: Mosquitto;
beforeAll(async () => {
  if (hasBroker) mosquitto = await startMosquitto();
});
afterAll(() => mosquitto?.dispose());

/** The hub's MQTT parts that Home Assistant sees, at the real broker; what it keeps is in `state`. */
async function hubWith(
  state: TestState,
  env: Record<string, string> = { FIELDLINE_HOME_ASSISTANT_DISCOVERY: 'true' },
) {
  const config = loadConfig({
    FIELDLINE_MQTT_URL: mosquitto.url,
    FIELDLINE_ORIGINS: 'https://hub.example',
    ...env,
  });
  const registry = Registry.open(state.file);
  const profiles = await loadProfiles(fileURLToPath(new URL('../profiles', import.meta.url)));
  const devices = new Devices({ registry, profiles, types: [], now: Date.now });
  devices.open();
  const presence = new Presence(Date.now);
  const broker = new ExternalBroker({
    ...{ config, topics: TOPICS, counters: ingestCounters(), log: silent, now: Date.now },
    take: async () => undefined,
    takeUp: async () => undefined,
    takeRequest: () => undefined,
    retry: { minMs: 20, maxMs: 200 },
  });
  const retained = new RetainedTopics(broker);
  const published = { transport: broker, retained, devices, topics: TOPICS };
  const states = new StatePublisher(published);
  const statuses = new StatusPublisher({ ...published, presence, now: Date.now });
  const announced = new AnnouncedDevices(state.file);
  const discovery = new HomeAssistantDiscovery({
    ...{ transport: broker, devices, announced, config, topics: TOPICS, log: silent, version: '0.1.0' },
    everyMs: 50,
    spreadMs: 20,
  });
  for (const part of [retained, statuses, states, discovery]) part.open();
  await broker.open();
  const close = async () => {
    states.close();
    discovery.close();
    statuses.close();
    await retained.settle(5_000);
    retained.close();
    await broker.close();
  };
  return { registry, devices, presence, states, close };
}

type Hub = Awaited<ReturnType<typeof hubWith>>;

/** As if a reading had become durable. */
function measure({ devices, states }: Hub, id: string, values: Record<string, Value>): void {
  const device = devices.get(id);
  for (const [name, value] of Object.entries(values)) {
    const type = typeof value as 'number' | 'boolean' | 'string';
    if (device && !device.metrics.has(name)) device.addMetric(name, type, 1);
  }
  const time = Date.now() * 1_000;
  const reading = { device: id, boot: 'b', seq: 1, time, receivedAt: time, values, flags: 0 };
  device?.take(reading, 1);
  states.take([reading]);
}

const configOf = (id: string) => `homeassistant/device/fieldline_v1_${id}/config`;

async function testState(): Promise<TestState> {
  const state = new TestState();
  onTestFinished(() => state.remove());
  return state;
}

async function subscribe(...topics: string[]): Promise<MosquittoSub> {
  const sub = await mosquittoSub(topics, { url: mosquitto.url });
  onTestFinished(() => sub.stop());
  return sub;
}

/** What the broker retains under a topic, as a client that comes now gets it. */
async function retainedBy(...topics: string[]): Promise<Map<string, string>> {
  const mark = `mark/${Math.random()}`;
  const sub = await mosquittoSub([...topics, mark], { url: mosquitto.url });
  await mosquittoPub(mark, 'x', { url: mosquitto.url });
  await sub.message(({ topic }) => topic === mark, 'the mark');
  await sub.stop();
  return new Map(sub.messages.filter(({ retained }) => retained).map((m) => [m.topic, m.payload.toString()]));
}

describe.skipIf(!hasBroker)('Home Assistant', () => {
  it('finds every device at the broker, is told again at its birth, and forgets what is gone', async () => {
    const state = await testState();
    let hub = await hubWith(state);
    hub.registry.create({ id: 'room', name: 'Cold room 2', profile: 'cold-room' });
    hub.registry.create({ id: 'plain' });
    measure(hub, 'plain', { x: 1, y: true });
    const sub = await subscribe('homeassistant/#');
    const found = (id: string, check: (payload: string) => boolean = (payload) => payload !== '') =>
      sub.message(
        ({ topic, payload }) => topic === configOf(id) && check(payload.toString()),
        `config of ${id}`,
      );
    for (const id of ['room', 'plain']) {
      const { payload } = await found(id);
      expect(objections(configOf(id), payload.toString())).toEqual([]);
    }
    expect(JSON.parse((await found('room')).payload.toString()).device.name).toBe('Cold room 2');

    hub.registry.update('room', { name: 'Cold room 3' });
    await found('room', (payload) => payload.includes('Cold room 3'));

    const before = sub.messages.length;
    await mosquittoPub('homeassistant/status', 'online', { url: mosquitto.url });
    await sub.received(before + 3);
    const heard = sub.messages.slice(before).map(({ topic }) => topic);
    expect(heard.sort()).toEqual([configOf('plain'), configOf('room'), 'homeassistant/status']);

    // A metric with another type is another entity. The one that goes is first named by its platform alone, and then
    // not any more.
    hub.devices.get('plain')?.setProfile(undefined, new Map([['y', { type: 'number', fixedAt: 1 }]]));
    await found('plain', (payload) => payload.includes('"binary_sensor_y":{"platform":"binary_sensor"}'));
    await found('plain', (payload) => payload.includes('sensor_y') && !payload.includes('binary_sensor_y'));
    const kept = await retainedBy('homeassistant/device/#');
    expect([...kept.keys()].sort()).toEqual([configOf('plain'), configOf('room')]);
    expect(Object.keys(JSON.parse(kept.get(configOf('plain')) ?? '').components)).toEqual([
      'sensor_x',
      'sensor_y',
    ]);

    // A device that is deleted while the hub runs, and one that is deleted while discovery does not.
    hub.registry.delete('plain');
    await found('plain', (payload) => payload === '');
    await hub.close();
    hub = await hubWith(state, {});
    await found('room', (payload) => payload === '');
    expect(await retainedBy('homeassistant/device/#')).toEqual(new Map());
    await hub.close();
  });

  it('is told again by a hub that finds its broker empty', async () => {
    const hub = await hubWith(await testState());
    hub.registry.create({ id: 'a' });
    measure(hub, 'a', { x: 1 });
    await (await subscribe(configOf('a'))).message(({ payload }) => payload.length > 0, 'the first');
    await mosquitto.restart(); // without persistence
    await (await subscribe(configOf('a'))).message(({ payload }) => payload.length > 0, 'the second');
    await hub.close();
  });

  it.skipIf(!hasJinja)(
    'reads every value out of the real state, whatever devices are called and say',
    async () => {
      const hub = await hubWith(await testState());
      const hostile = `{{ 7*7 }}{% for x in y %}'"\\\n{# 😀`;
      const cases: Record<string, Record<string, Value>> = {
        room: { temperature: -3.25, 'evaporator.temp': 0, door: true, compressor: false, mode: 'defrost' },
        names: { items: 1, keys: 'k', values: 2, get: true, pop: 1e300, _: 0.1, 'a.b-c': -0.5, None: 'x' },
        texts: { a: hostile, b: 'x'.repeat(256), c: '', d: 'None' },
      };
      for (const [id, values] of Object.entries(cases)) {
        const tags = { area: hostile };
        hub.registry.create({ id, name: hostile, tags, ...(id === 'room' && { profile: 'cold-room' }) });
        measure(hub, id, values);
      }
      for (const device of hub.devices.all()) {
        hub.presence.joined(device);
        if (device.id !== 'room') hub.presence.left(device, 'closed');
      }
      const sub = await subscribe('homeassistant/device/#', 'fieldline/v1/#');
      const read = async (topic: string, what: RegExp) =>
        (
          await sub.message((m) => m.topic === topic && what.test(m.payload.toString()), topic)
        ).payload.toString();

      const asked: { template: string; payload: string; expected: string; of: string }[] = [];
      for (const [id, values] of Object.entries(cases)) {
        const config = await read(configOf(id), /components/);
        expect(objections(configOf(id), config)).toEqual([]);
        const { components, state_topic, availability, device } = JSON.parse(config);
        expect(device.name).toBe(hostile);
        const payload = await read(state_topic, /values/);
        for (const [key, { value_template: template }] of Object.entries<{ value_template: string }>(
          components,
        )) {
          expect(template).not.toContain('7*7');
          const name = key.replace(/^(binary_)?sensor_/, '');
          asked.push({ template, payload, of: `${id} ${name}`, expected: shown(values[name]) });
          // Nothing at all, after the device was deleted; and what is no state.
          // Nor is a value of another type, from before a profile, that metric's.
          const mistyped = JSON.stringify({ values: { [name]: typeof values[name] === 'string' ? 5 : 'x' } });
          for (const other of ['', '{}', '{"values":null}', '[]', 'x', mistyped]) {
            asked.push({ template, payload: other, of: `${id} ${name} ${other}`, expected: 'None' });
          }
        }
        const [ofHub, ofDevice] = availability;
        const isOnline = id === 'room';
        asked.push(
          {
            ...{ of: 'hub', template: ofHub.value_template, expected: 'online' },
            payload: await read(ofHub.topic, /"online":true/),
          },
          {
            ...{ of: id, template: ofDevice.value_template, expected: isOnline ? 'online' : 'offline' },
            payload: await read(ofDevice.topic, isOnline ? /"online":true/ : /"online":false/),
          },
          { of: `${id} deleted`, template: ofDevice.value_template, expected: 'offline', payload: '' },
        );
      }
      const { stdout, stderr } = spawnSync(PYTHON, [`${ROOT}test/clients/home-assistant.py`], {
        input: JSON.stringify(asked),
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      const rendered: string[] = JSON.parse(stdout);
      expect(asked.map(({ of }, i) => `${of}: ${rendered[i]}`)).toEqual(
        asked.map(({ of, expected }) => `${of}: ${expected}`),
      );
      await hub.close();
    },
  );
});

/** What Home Assistant shows of a value. */
function shown(value: Value | undefined): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'ON' : 'OFF';
    case 'number':
      return value === 1e300 ? '1e+300' : String(value);
    case 'string':
      return value.slice(0, 255).trim();
    default:
      return 'None';
  }
}

describe.skipIf(!hasBroker)("Home Assistant at the hub's own broker", () => {
  it('finds the devices, is heard when it starts, and is told which of them are there', async () => {
    const port = await freePort();
    const hub = await startHub({
      env: { FIELDLINE_HOME_ASSISTANT_DISCOVERY: 'true', FIELDLINE_MQTT_PORT: String(port) },
    });
    onTestFinished(() => hub.dispose());
    const made = await hub.http.request('/api/v1/tokens', { body: { name: 'ha', role: 'operator' } });
    const logIn = {
      ...{ url: `mqtt://127.0.0.1:${port}`, username: 'home-assistant' },
      password: made.json<{ token: string }>().token,
    };
    const token = await hub.http.addDevice('greenhouse', { profile: 'env-sensor' });
    const device = await DeviceClient.connect(hub.url, { token });
    await device.hello({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { temperature: 21.5 } });
    await device.acked(1);

    const sub = await mosquittoSub(['homeassistant/device/#', 'fieldline/v1/#'], logIn);
    onTestFinished(() => sub.stop());
    const configs = () => sub.messages.filter(({ topic }) => topic === configOf('greenhouse'));
    const { payload } = await sub.message(({ topic }) => topic === configOf('greenhouse'), 'the config');
    expect(objections(configOf('greenhouse'), payload.toString())).toEqual([]);
    const { availability, state_topic, origin } = JSON.parse(payload.toString());
    expect(origin).toMatchObject({ name: 'Fieldline', sw_version: expect.stringMatching(/^\d+\.\d+/) });
    for (const { topic } of availability)
      await sub.message((m) => m.topic === topic && m.payload.includes('"online":true'), topic);
    await sub.message((m) => m.topic === state_topic && m.payload.includes('21.5'), state_topic);

    const before = configs().length;
    expect(await mosquittoPub('homeassistant/status', 'online', logIn)).toMatchObject({ code: 0 });
    await sub.message(() => configs().length > before, 'the config again');
    await device.close();
  });
});
