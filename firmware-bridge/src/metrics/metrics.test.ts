import { expect, it } from 'vitest';
import { newCounts } from '../board/counts.js';
import type { BridgePort } from '../bridge.js';
import { bridgeMetrics } from './metrics.js';

const port = (name: string, more: Partial<BridgePort> = {}): BridgePort => ({
  name,
  device: name,
  path: `/dev/${name}`,
  isOpen: true,
  board: newCounts(),
  queue: { messages: 0, bytes: 0, oldestMs: null, dropped: 0, trouble: null },
  hub: { state: 'online', refused: null, rejected: 0, givenUp: 0, linesDropped: 0 },
  unsent: 0,
  ...more,
});

it('tells of each port what it has counted, and how it stands, however often it is asked', async () => {
  const board = { ...newCounts(), readings: 3 };
  board.dropped.bad_crc = 2;
  board.commands.unanswered = 1;
  const queue = { messages: 4, bytes: 500, oldestMs: 7_000, dropped: 0, trouble: null };
  const registry = bridgeMetrics([port('a', { board, queue }), port('b', { isOpen: false })], () => 10_000);
  await registry.metrics();
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE fieldline_bridge_port_open gauge',
      'fieldline_bridge_port_open{port="a"} 1',
      'fieldline_bridge_port_open{port="b"} 0',
      '# TYPE fieldline_bridge_messages_total counter',
      'fieldline_bridge_messages_total{port="a"} 3',
      'fieldline_bridge_dropped_total{port="a",reason="bad_crc"} 2',
      'fieldline_bridge_commands_total{port="a",outcome="unanswered"} 1',
      'fieldline_bridge_queue_oldest_seconds{port="a"} 3',
      'fieldline_bridge_queue_oldest_seconds{port="b"} 0',
    ]),
  );
});
