import { topics } from '@fieldline/protocol';
import { expect, test } from 'vitest';
import type { Device } from '../devices/device.js';
import { Presence } from '../devices/presence.js';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { RetainedTopics } from './retained-topics.js';
import { StatusPublisher } from './status-publisher.js';
import { HeldTransport } from './transport.fixture.js';

function bench(ids: readonly string[]) {
  const transport = new HeldTransport();
  transport.isQuick = true;
  const retained = new RetainedTopics(transport);
  const byId = new Map<string, Device>(ids.map((id) => [id, deviceOf(id)]));
  const devices = { get: (id: string) => byId.get(id), all: () => byId.values() };
  const presence = new Presence(() => 7);
  const status = new StatusPublisher({
    ...{ transport, retained, devices, presence, topics: topics('p') },
    now: () => 5,
  });
  retained.open();
  status.open();
  return { transport, byId, presence, status };
}

test('says what changed, and at the end that the hub is away', () => {
  const { transport, byId, presence, status } = bench(['d']);
  presence.joined(byId.get('d') as Device);
  status.close();
  expect(transport.said).toEqual([
    'p/hub/status {"online":true,"time":5}',
    'p/devices/d/status {"online":false,"time":5,"reason":"not_connected"}',
    'p/devices/d/status {"online":true,"time":7,"reason":"connected"}',
    'p/hub/status {"online":false,"time":5}',
  ]);
});

test('a connection that outlives its device says nothing, neither of it nor of its successor', () => {
  const { transport, byId, presence, status } = bench(['d']);
  const device = byId.get('d') as Device;
  presence.joined(device);
  byId.delete('d');
  status.forget('d');
  transport.published.length = 0;
  byId.set('d', deviceOf('d'));
  presence.left(device, 'unauthorized');
  status.close();
  expect(transport.said).toEqual(['p/hub/status {"online":false,"time":5}']);
});
