import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GatheredWire } from './gathered-wire.js';

/** A wire over a stream that notes what is written together. */
function gathered() {
  const writes: string[][] = [];
  const stream = new Writable({
    highWaterMark: 1_000_000,
    write(chunk, _encoding, done) {
      writes.push([String(chunk)]);
      setImmediate(done);
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)));
      setImmediate(done);
    },
  });
  const socket = {
    get bufferedAmount() {
      return stream.writableLength;
    },
    send: (frame: Uint8Array, _: object, written: (error?: Error | null) => void) => {
      stream.write(frame, written);
    },
  };
  return { writes, wire: new GatheredWire(socket, stream) };
}

const send = (wire: GatheredWire, text: string) =>
  new Promise((written) => wire.send(Buffer.from(text), { binary: false }, written));

it('writes what is sent within a turn together, in order', async () => {
  const { writes, wire } = gathered();
  const all = Array.from({ length: 100 }, (_, n) => String(n));
  const sent = all.map((text) => send(wire, text));
  expect(writes).toEqual([]);
  expect(wire.bufferedAmount).toBe(190);
  await Promise.all(sent);
  expect(writes).toEqual([all]);
  await send(wire, 'later');
  expect(writes).toEqual([all, ['later']]);
});

it('does not gather more than makes a good write', async () => {
  const { writes, wire } = gathered();
  const half = 'x'.repeat(40_000);
  const sent = [send(wire, half), send(wire, half)];
  expect(writes).toEqual([[half, half]]);
  sent.push(send(wire, 'rest'));
  await Promise.all(sent);
  await nextTurn();
  expect(writes).toEqual([[half, half], ['rest']]);
});
