import { afterEach, beforeEach, expect, it } from 'vitest';
import { MqttBench, TOPICS } from './commands-over-mqtt.fixture.js';
import { ConfigPublisher } from './config-publisher.js';
import { RetainedTopics } from './retained-topics.js';

let mqtt: MqttBench;
let publisher: ConfigPublisher;

beforeEach(() => {
  mqtt = new MqttBench();
  const { transport, bench, configs } = mqtt;
  transport.isQuick = true;
  const retained = new RetainedTopics(transport);
  publisher = new ConfigPublisher({ transport, retained, devices: bench.devices, configs, topics: TOPICS });
  retained.open();
  publisher.open();
});
afterEach(() => {
  publisher.close();
  mqtt.close();
});

it('says what devices say that they run, and again after each connect', async () => {
  expect(mqtt.transport.said).toEqual([]);
  mqtt.configs.set('r1', { interval: 500 }, null, { name: 'ada' });
  await mqtt.up({ type: 'config', version: 1, ok: true, reported: { interval: 500, mode: 'eco' } });
  const said = `${TOPICS.config('r1')} {"interval":500,"mode":"eco"}`;
  expect(mqtt.transport.said).toEqual([`${TOPICS.config('r1')} {}`, said]);
  expect(mqtt.transport.published.at(-1)).toMatchObject({ retain: true, qos: 1 });
  mqtt.transport.disconnect();
  mqtt.transport.connect();
  expect(mqtt.transport.said.slice(2)).toEqual([said]);
  publisher.forget('r1');
  expect(mqtt.transport.said.at(-1)).toBe(`${TOPICS.config('r1')} `);
});
