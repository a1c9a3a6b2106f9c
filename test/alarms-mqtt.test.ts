import { writeFileSync } from 'node:fs';
import type { AlarmChannelView, Page } from '@fieldline/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, startMosquitto } from './kit/mosquitto.js';
import { MqttPeer } from './kit/mqtt-peer.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

const PROFILE = 'profile: room\nmetrics: { door: { type: boolean, alarm: { equals: true } } }\n';

describe.skipIf(!requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto))(
  'alarms over MQTT',
  () => {
    it('of an outage of the broker are told when it is back, each, in order', async () => {
      const profiles = tempDir('profiles');
      onTestFinished(() => profiles.remove());
      writeFileSync(`${profiles.path}/room.yaml`, PROFILE);
      const mosquitto = await startMosquitto({ persistence: true });
      onTestFinished(() => mosquitto.dispose());
      const hub = await startHub({
        env: { FIELDLINE_PROFILES: profiles.path, FIELDLINE_MQTT_URL: mosquitto.url },
      });
      onTestFinished(() => hub.dispose());
      const token = await hub.http.addDevice('a', { profile: 'room' });
      // What comes while nobody listens is kept for it.
      const listener = { url: mosquitto.url, protocolVersion: 4, clientId: 'shift', clean: false } as const;
      const before = await MqttPeer.connect(listener, 'fieldline/v1/devices/+/alarm');
      const open = async (door: boolean) => {
        const { status } = await hub.http.request('/api/v1/ingest/a', { body: { values: { door } }, token });
        expect(status).toBe(200);
      };
      await open(true);
      const { text } = await before.take('fieldline/v1/devices/a/alarm');
      const { id } = JSON.parse(text) as { id: string };
      await before.close();

      await mosquitto.stop();
      await open(false);
      await open(true);
      const channel = async () => {
        const { items } = await hub.http.get<Page<AlarmChannelView>>('/api/v1/alarms/channels');
        return items.find(({ channel }) => channel === 'mqtt');
      };
      await expect.poll(channel, { timeout: 20_000 }).toMatchObject({ state: 'retrying', owed: 2 });
      await mosquitto.start();

      const after = await MqttPeer.connect(listener);
      const told = [];
      for (let at = 0; at < 2; at++) {
        const { event, id, state } = JSON.parse((await after.take('fieldline/v1/devices/a/alarm')).text);
        told.push({ event, id, state });
      }
      expect(told).toMatchObject([
        { event: 'cleared', id, state: 'cleared' },
        { event: 'raised', state: 'raised' },
      ]);
      expect(told[1]?.id).not.toBe(id);
      await expect.poll(channel, { timeout: 20_000 }).toMatchObject({ state: 'idle', owed: 0 });
      await after.close();
    });
  },
);
