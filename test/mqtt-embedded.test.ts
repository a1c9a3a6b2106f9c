import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerUnderTest } from './kit/embedded-broker.js';
import { RawMqtt } from './kit/raw-mqtt.js';

let hub: BrokerUnderTest;

beforeAll(async () => {
  hub = await BrokerUnderTest.start();
});
afterAll(() => hub.close());

describe('log-in', () => {
  it('takes a device and an API token', async () => {
    const device = await RawMqtt.logIn(hub.url, hub.device('esp-1'));
    expect(await device.publish('fieldline/v1/ingest/esp-1', '{"t":1}')).toBe(true);
    expect(hub.taken.at(-1)).toMatchObject({ device: 'esp-1', payload: '{"t":1}' });
    const person = await RawMqtt.logIn(hub.url, hub.person('operator'));
    expect(await person.subscribe(['#'])).toEqual([1]);
    await hub.broker.publish('fieldline/v1/devices/esp-1/telemetry', 'x', { qos: 1, retain: false });
    expect(await person.next('publish')).toMatchObject({
      topic: 'fieldline/v1/devices/esp-1/telemetry',
      qos: 1,
    });
    device.destroy();
    person.destroy();
  });
});
