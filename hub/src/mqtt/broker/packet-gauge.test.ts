import fc from 'fast-check';
import mqtt, { type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { PacketGauge } from './packet-gauge.js';

const publish = (bytes: number): Packet => ({
  cmd: 'publish',
  topic: 't',
  payload: Buffer.alloc(bytes, 0xff),
  qos: 0,
  dup: false,
  retain: false,
});

/** Feeds the bytes in pieces of these sizes. */
function feed(gauge: PacketGauge, bytes: Buffer, sizes: readonly number[]): boolean {
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length] ?? bytes.length;
    if (!gauge.fits(bytes.subarray(at, at + size))) return false;
    at += size;
  }
  return true;
}

describe('PacketGauge', () => {
  it('lets packets up to the limit pass, however they are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    const payloads = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(payloads, sizes, fc.boolean(), (bytes, cuts, ends) => {
        const packets: Packet[] = [...bytes.map(publish), { cmd: 'pingreq' }];
        if (ends) packets.push({ cmd: 'disconnect' });
        const stream = Buffer.concat(packets.map((packet) => mqtt.generate(packet)));
        const largest = Math.max(...bytes) + 3; // the topic and its length
        const gauge = new PacketGauge(largest);
        expect(feed(gauge, stream, cuts)).toBe(true);
        expect(gauge.hasDisconnect).toBe(ends);
        expect(feed(new PacketGauge(largest - 1), stream, cuts)).toBe(false);
      }),
    );
  });

  it('knows a large packet by its header', () => {
    expect(new PacketGauge(1_000).fits(mqtt.generate(publish(5_000)).subarray(0, 3))).toBe(false);
  });

  it('refuses a length of more than four bytes', () => {
    expect(new PacketGauge(2 ** 28).fits(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))).toBe(false);
  });
});
