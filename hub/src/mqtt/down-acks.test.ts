import { expect, it } from 'vitest';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { DownAcks } from './down-acks.js';
import { DownLink } from './down-link.js';

it('acks what became durable together once, for each boot, to those who said hello', async () => {
  const sent: string[] = [];
  const device = deviceOf('r1');
  const down = { send: (_device: unknown, frame: string) => sent.push(frame) };
  const link = new DownLink(down as never, device, { boot: 'b1', caps: new Set(), rxMaxBytes: 256 });
  const acked: Record<string, number | null> = { b0: 4, b1: 9, b2: null };
  const acks = new DownAcks(
    { get: (id) => (id === 'r1' ? link : undefined) },
    { findBoot: (_device, boot) => ({ acked: acked[boot] ?? null }) as never },
  );
  acks.settled(device, [
    { boot: 'b1', seq: 8 },
    { boot: 'b0', seq: 4 },
    { t: 1 },
    { seq: 3, values: {} },
    7,
    null,
  ]);
  acks.settled(device, [
    { boot: 'b1', seq: 9 },
    { boot: 'b2', seq: 1 },
    { boot: 'no boot', seq: 1 },
  ]);
  acks.settled(deviceOf('r2'), [{ boot: 'b1', seq: 1 }]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(['{"type":"ack","boot":"b1","seq":9}', '{"type":"ack","boot":"b0","seq":4}']);
  acks.settled(device, [{ boot: 'b1', seq: 9 }]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toHaveLength(3);
});
