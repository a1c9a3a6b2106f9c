import fc from 'fast-check';
import { type IPublishPacket, parser } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { publishPacket } from './publish-packet.js';

test('mqtt-packet reads back what was written', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  const payload = fc.oneof(text, fc.uint8Array({ maxLength: 20_000 }).map(Buffer.from));
  const topic = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((t) => !/[+#\0]/.test(t));
  const id = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(
      fc.record({ topic, payload, id, qos: fc.constantFrom(0 as const, 1 as const), retain: fc.boolean() }),
      fc.constantFrom(4 as const, 5 as const),
      ({ topic: at, payload: body, id: messageId, ...options }, protocolVersion) => {
        const reader = parser({ protocolVersion });
        const packets: IPublishPacket[] = [];
        reader.on('packet', (packet) => packets.push(packet as IPublishPacket));
        reader.on('error', (error) => {
          throw error;
        });
        const written = publishPacket(at, body, options, messageId, protocolVersion);
        expect(reader.parse(written)).toBe(0);
        expect(packets).toMatchObject([{ cmd: 'publish', topic: at, dup: false, ...options }]);
        expect(packets[0]?.payload).toEqual(Buffer.from(body as string));
        if (options.qos === 1) expect(packets[0]?.messageId).toBe(messageId);
      },
    ),
  );
});

test('says in MQTT 5 what a message belongs to, and for how long it is of use', () => {
  const data = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const expiry = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
  fc.assert(
    fc.property(fc.option(data), fc.option(expiry), (correlationData, messageExpiryInterval) => {
      for (const protocolVersion of [4, 5] as const) {
        const reader = parser({ protocolVersion });
        const packets: IPublishPacket[] = [];
        reader.on('packet', (packet) => packets.push(packet as IPublishPacket));
        const options = {
          ...({ qos: 1, retain: false } as const),
          ...(correlationData === null ? {} : { correlationData }),
          ...(messageExpiryInterval === null ? {} : { expirySeconds: messageExpiryInterval }),
        };
        expect(reader.parse(publishPacket('t', 'body', options, 7, protocolVersion))).toBe(0);
        expect(packets).toMatchObject([{ topic: 't', payload: Buffer.from('body'), messageId: 7 }]);
        const { properties = {} } = packets[0] ?? {};
        expect(properties.correlationData).toEqual(
          protocolVersion === 5 ? (correlationData ?? undefined) : undefined,
        );
        expect(properties.messageExpiryInterval).toBe(
          protocolVersion === 5 ? (messageExpiryInterval ?? undefined) : undefined,
        );
      }
    }),
  );
});

test.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
  'a packet of %i bytes after its header',
  (bytes) => {
    const reader = parser({ protocolVersion: 4 });
    const lengths: (number | undefined)[] = [];
    reader.on('packet', (packet) => lengths.push(packet.length));
    reader.parse(publishPacket('t', Buffer.alloc(bytes - 5), { qos: 1, retain: false }, 1, 4));
    expect(lengths).toEqual([bytes]);
  },
);

test('refuses a topic that MQTT cannot say', () => {
  expect(() => publishPacket('t'.repeat(65_536), '', { qos: 1, retain: false }, 1, 5)).toThrow(RangeError);
});
