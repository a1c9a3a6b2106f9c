import { PassThrough } from 'node:stream';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { SinkError } from '../../sinks/sink.js';
import { RefusedMessage } from '../transport.js';
import { Outgoing } from './outgoing.js';

const QOS_1 = { qos: 1, retain: false } as const;

function bench(limits: { receiveMaximum?: number; maximumPacketSize?: number } = {}) {
  const clock = { ms: 0 };
  const stream = new PassThrough();
  const outgoing = new Outgoing({
    ...{ stream, version: 5, clock: () => clock.ms },
    receiveMaximum: limits.receiveMaximum,
    maximumPacketSize: limits.maximumPacketSize,
  });
  const sent: IPublishPacket[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on('packet', (packet) => sent.push(packet as IPublishPacket));
  stream.on('data', (bytes) => reader.parse(bytes));
  const texts = async () => {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return sent.map(({ payload }) => `${payload}`);
  };
  return { clock, outgoing, sent, texts };
}

test('keeps the order, and no more in flight than the broker takes', async () => {
  const { outgoing, sent, texts } = bench({ receiveMaximum: 2 });
  const done = ['a', 'b', 'c', 'd'].map((text) => outgoing.publish('t', text, QOS_1));
  expect(await texts()).toEqual(['a', 'b']);
  outgoing.acknowledged(sent[1]?.messageId ?? 0, undefined);
  await done[1];
  expect(await texts()).toEqual(['a', 'b', 'c']);
  for (let at = 0; at < 4; at++) {
    outgoing.acknowledged(sent[at]?.messageId ?? 0, 16);
    await texts();
  }
  await Promise.all(done);
  expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
});

test('a refusal is about the message, the hub, or something else', async () => {
  const { outgoing, sent, texts } = bench();
  const done = ['a', 'b', 'c'].map((text) => outgoing.publish('t', text, QOS_1));
  const settled = Promise.allSettled(done);
  await texts();
  for (const [at, code] of [153, 135, 128].entries()) outgoing.acknowledged(sent[at]?.messageId ?? 0, code);
  expect(await settled).toMatchObject([
    { reason: { name: 'RefusedMessage', message: 'the MQTT broker says: payload format invalid' } },
    { reason: { kind: 'credentials' } },
    { reason: { kind: 'internal' } },
  ]);
});

test('what is larger than the broker takes is not sent', async () => {
  const { outgoing, texts } = bench({ maximumPacketSize: 50 });
  await expect(outgoing.publish('t', 'x'.repeat(50), QOS_1)).rejects.toBeInstanceOf(RefusedMessage);
  void outgoing.publish('t', 'small', QOS_1);
  expect(await texts()).toEqual(['small']);
});

test('the end of the connection is the end of all that waits, and of all that comes', async () => {
  const { outgoing } = bench({ receiveMaximum: 1 });
  const settled = Promise.allSettled(['a', 'b'].map((text) => outgoing.publish('t', text, QOS_1)));
  const end = new SinkError('network', 'gone');
  outgoing.end(end);
  expect(await settled).toEqual([
    { status: 'rejected', reason: end },
    { status: 'rejected', reason: end },
  ]);
  await expect(outgoing.publish('t', 'c', QOS_1)).rejects.toBe(end);
  expect(outgoing.oldestMs).toBe(0);
});

test('knows for how long the oldest message has waited', async () => {
  const { clock, outgoing, sent, texts } = bench();
  const first = outgoing.publish('t', 'a', QOS_1);
  clock.ms = 10;
  void outgoing.publish('t', 'b', QOS_1);
  clock.ms = 30;
  expect(outgoing.oldestMs).toBe(30);
  await texts();
  outgoing.acknowledged(sent[0]?.messageId ?? 0, undefined);
  await first;
  expect(outgoing.oldestMs).toBe(20);
});

test('numbers go round, past those that are in use', async () => {
  const { outgoing, sent, texts } = bench();
  void outgoing.publish('t', 'slow', QOS_1);
  await texts();
  const used = sent[0]?.messageId;
  const allocated = Array.from({ length: 70_000 }, () => outgoing.allocateId());
  expect(new Set(allocated).size).toBe(65_534);
  expect(allocated).not.toContain(used);
});

test('QoS 0 is done when it is written', async () => {
  const { outgoing, texts } = bench();
  await outgoing.publish('t', 'a', { qos: 0, retain: true });
  expect(await texts()).toEqual(['a']);
});
