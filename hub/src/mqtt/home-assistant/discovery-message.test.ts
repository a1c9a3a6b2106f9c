import { fileURLToPath } from 'node:url';
import { loadProfiles, topics, UNITS } from '@fieldline/protocol';
import { describe, expect, it } from 'vitest';
import { Device } from '../../devices/device.js';
import { describeDevice, discoveryTopic, type Teller } from './discovery-message.js';
import { objections } from './home-assistant.fixture.js';

const TOPICS = topics();
const TELLER: Teller = { version: '0.1.0', url: 'https://hub.example:8443' };
const RECORD = { name: null, profile: null, tags: {}, disabled: false, createdAt: 0 };
const metric = { decimals: null, min: null, enum: null, unit: null, title: 'M' };

function deviceOf(id: string, more: Partial<Device['record']> = {}): Device {
  return new Device({ ...RECORD, id, ...more });
}

function messageOf(device: Parameters<typeof describeDevice>[0], teller = TELLER) {
  const message = describeDevice(device, TOPICS, teller);
  const topic = discoveryTopic('homeassistant', TOPICS, device.id);
  expect(objections(topic, JSON.stringify(message))).toEqual([]);
  return message;
}

describe('the message of a device', () => {
  it('names the device, where its state is, and what it needs to be available', () => {
    const device = deviceOf('esp-7f3a', { name: 'Cold room 2', tags: { area: 'Cellar' } });
    device.addMetric('temperature', 'number', 1);
    device.firmware = '1.4.2';
    expect(messageOf(device)).toMatchObject({
      device: {
        identifiers: ['fieldline_v1_esp-7f3a'],
        name: 'Cold room 2',
        sw_version: '1.4.2',
        suggested_area: 'Cellar',
        configuration_url: 'https://hub.example:8443/#/device/esp-7f3a',
      },
      origin: { name: 'Fieldline', sw_version: '0.1.0', support_url: 'https://hub.example:8443' },
      state_topic: 'fieldline/v1/devices/esp-7f3a/state',
      availability: [{ topic: 'fieldline/v1/hub/status' }, { topic: 'fieldline/v1/devices/esp-7f3a/status' }],
      availability_mode: 'all',
    });
  });

  it('leaves out what is not known', () => {
    const device = deviceOf('a', { name: '  ', tags: { area: ' ' } });
    device.addMetric('x', 'number', 1);
    const { device: said, origin } = messageOf(device, { version: '0.1.0', url: null });
    expect(said).toEqual({ identifiers: ['fieldline_v1_a'], name: 'a' });
    expect(origin).toEqual({ name: 'Fieldline', sw_version: '0.1.0' });
  });

  it('has an entity for each metric, of the kind that its type asks for', async () => {
    const profiles = await loadProfiles(fileURLToPath(new URL('../../../../profiles', import.meta.url)));
    const device = deviceOf('room');
    device.setProfile(profiles.get('cold-room'));
    device.addMetric('note', 'string', 1);
    device.addMetric('pulses', 'number', 1);
    const { components, device: said } = messageOf(device);
    expect(said).toMatchObject({ model: 'Cold room' });
    expect(components).toMatchObject({
      'sensor_evaporator.temp': {
        platform: 'sensor',
        unique_id: 'fieldline_v1_room_evaporator.temp',
        name: 'Evaporator',
        device_class: 'temperature',
        state_class: 'measurement',
        unit_of_measurement: '°C',
        suggested_display_precision: 1,
      },
      binary_sensor_door: { platform: 'binary_sensor', name: 'Door open' },
      sensor_mode: { device_class: 'enum', options: ['cooling', 'idle', 'defrost', 'fault'] },
      sensor_note: { platform: 'sensor', name: 'note' },
      sensor_pulses: { platform: 'sensor', name: 'pulses', state_class: 'measurement' },
    });
    expect(components.sensor_mode).not.toHaveProperty('state_class');
    expect(components.sensor_note).not.toHaveProperty('state_class');
    expect(components.sensor_pulses).not.toHaveProperty('unit_of_measurement');
    for (const profile of profiles.values()) {
      device.setProfile(profile);
      messageOf(device);
    }
  });

  it.each(UNITS.map(({ code }) => [code]))('has a class that takes the unit %s', (code) => {
    const profile = { ...metric, unit: code };
    const metrics = new Map([['m', { type: 'number', profile } as const]]);
    messageOf({ id: 'a', record: RECORD, profile: undefined, firmware: null, metrics });
  });

  it('takes energy for a meter, which may run backwards where the profile says so', () => {
    const metrics = new Map([
      ['in', { type: 'number', profile: { ...metric, unit: 'kW.h', min: 0 } } as const],
      ['net', { type: 'number', profile: { ...metric, unit: 'kW.h', min: -10 } } as const],
    ]);
    expect(
      messageOf({ id: 'a', record: RECORD, profile: undefined, firmware: null, metrics }).components,
    ).toMatchObject({
      sensor_in: { device_class: 'energy', state_class: 'total_increasing' },
      sensor_net: { device_class: 'energy', state_class: 'total' },
    });
  });

  it('has texts of other people nowhere but in plain strings', () => {
    const hostile = "{{ states('x') }}\n{% raw %}'\"\\";
    const device = deviceOf('a', { name: hostile, tags: { area: hostile } });
    device.firmware = hostile;
    device.addMetric('items', 'string', 1);
    const { device: said, components, ...rest } = messageOf(device);
    expect(said.name).toBe(hostile.trim());
    expect(JSON.stringify([components, rest])).not.toContain('states');
  });

  it('is under a topic that Home Assistant takes, whatever the prefix', () => {
    expect(discoveryTopic('homeassistant', topics('site one/ü'), 'esp_1-a')).toBe(
      'homeassistant/device/site_one___esp_1-a/config',
    );
  });
});
