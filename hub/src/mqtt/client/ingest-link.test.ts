import { PassThrough } from 'node:stream';
import type { IPublishPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { ingestCounters } from '../ingest-counters.js';
import { IngestLink } from './ingest-link.js';

function bench() {
  const stream = new PassThrough();
  const counters = ingestCounters();
  const taken: { payload: string; release: () => void; fail: (error: Error) => void }[] = [];
  const failures: unknown[] = [];
  const ups: unknown[][] = [];
  const out = new AbortController();
  const link = new IngestLink({
    ...{ stream, prefix: 'p', counters },
    take: (_device, payload) =>
      new Promise((release, fail) => {
        taken.push({ payload: payload.toString(), release, fail });
      }),
    takeUp: async (device, payload, { end, isRepeated }) => {
      ups.push([device, payload.toString(), end.aborted, isRepeated]);
    },
    outEnd: () => out.signal,
    onFailure: (error) => failures.push(error),
  });
  const come = (messageId: number, more: Partial<IPublishPacket> = {}) =>
    link.take({
      ...{ cmd: 'publish', topic: 'p/ingest/d', payload: `m${messageId}`, qos: 1, dup: false, retain: false },
      messageId,
      ...more,
    });
  /** The numbers of the PUBACKs that went out since the last look. */
  const acked = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const bytes: Buffer = stream.read() ?? Buffer.alloc(0);
    return Array.from({ length: bytes.length / 4 }, (_, at) => {
      expect(bytes.readUInt16BE(at * 4)).toBe(0x4002);
      return bytes.readUInt16BE(at * 4 + 2);
    });
  };
  return { link, counters, taken, ups, out, failures, come, acked };
}

test('many are under way at once, and are acked in their order', async () => {
  const { taken, come, acked } = bench();
  for (const id of [7, 8, 9, 300]) come(id);
  expect(taken.map(({ payload }) => payload)).toEqual(['m7', 'm8', 'm9', 'm300']);
  taken[1]?.release();
  taken[2]?.release();
  expect(await acked()).toEqual([]);
  taken[0]?.release();
  expect(await acked()).toEqual([7, 8, 9]);
  taken[3]?.release();
  expect(await acked()).toEqual([300]);
});

test('a broker that sends on and on is not read beyond a thousand', async () => {
  const { link, taken, come, acked } = bench();
  let reads = 0;
  for (let id = 1; id <= 1_000; id++) {
    come(id);
    link.whenRoom(() => reads++);
  }
  expect(reads).toBe(999);
  taken[1]?.release();
  await acked();
  expect(reads).toBe(999);
  taken[0]?.release();
  expect(await acked()).toEqual([1, 2]);
  expect(reads).toBe(1_000);
});

test('nothing from a failure on is acked; it is told when all else has ended', async () => {
  const { taken, failures, come, acked } = bench();
  for (const id of [1, 2, 3]) come(id);
  taken[1]?.fail(new Error('no room'));
  taken[2]?.release();
  expect(await acked()).toEqual([]);
  expect(failures).toEqual([]);
  come(4);
  expect(taken).toHaveLength(3);
  taken[0]?.release();
  expect(await acked()).toEqual([1]);
  expect(failures).toEqual([new Error('no room')]);
});

test('what is retained, or names no device, is acked in its turn and counted', async () => {
  const { counters, taken, come, acked } = bench();
  come(1);
  come(2, { retain: true });
  come(3, { topic: 'p/ingest/not a device' });
  come(4, { topic: 'p/devices/d/telemetry' });
  expect(taken).toHaveLength(1);
  taken[0]?.release();
  expect(await acked()).toEqual([1, 2, 3, 4]);
  expect(counters).toEqual({ refused: 0, retained: 1, badTopics: 2, dropped: 0 });
});

test('what else devices say comes the same way, and is acked in its turn', async () => {
  const { taken, ups, out, come, acked } = bench();
  come(1);
  come(2, { topic: 'p/devices/d/up' });
  out.abort();
  come(3, { topic: 'p/devices/d/up', dup: true });
  expect(ups).toEqual([
    ['d', 'm2', false, false],
    ['d', 'm3', true, true],
  ]);
  expect(await acked()).toEqual([]);
  taken[0]?.release();
  expect(await acked()).toEqual([1, 2, 3]);
});

test('QoS 0 has no PUBACK, and is dropped when it cannot be taken', async () => {
  const { counters, taken, failures, come, acked } = bench();
  for (let n = 0; n < 1_001; n++) come(0, { qos: 0 });
  expect([taken.length, counters.dropped]).toEqual([1_000, 1]);
  taken[0]?.fail(new Error('no room'));
  for (const { release } of taken) release();
  expect(await acked()).toEqual([]);
  expect([counters.dropped, failures]).toEqual([2, []]);
});

test('stops when all that is under way has ended', async () => {
  const { link, taken, come, acked } = bench();
  come(1);
  let hasStopped = false;
  const stopped = link.stop().then(() => {
    hasStopped = true;
  });
  come(2);
  expect(await acked()).toEqual([]);
  expect([taken.length, hasStopped]).toEqual([1, false]);
  taken[0]?.release();
  await stopped;
  expect(await acked()).toEqual([1]);
});
