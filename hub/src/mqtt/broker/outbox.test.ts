import { PassThrough } from 'node:stream';
import mqtt, { type Packet } from 'mqtt-packet';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.js';

function bench() {
  const stream = new PassThrough();
  const writes: Packet[][] = [];
  stream.on('data', (bytes: Buffer) => {
    const packets: Packet[] = [];
    const parser = mqtt.parser();
    parser.on('packet', (packet) => packets.push(packet));
    parser.parse(bytes);
    writes.push(packets);
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { stream, outbox: new Outbox(stream), writes, turn };
}

it('writes what is added in one turn together, in order', async () => {
  const { outbox, writes, turn } = bench();
  outbox.add({ topic: 'a', payload: '1' }, 1);
  outbox.add({ topic: 'b', payload: Buffer.from('2') }, 0);
  outbox.add({ topic: 'a', payload: '3' }, 1);
  await turn();
  outbox.add({ topic: 'a', payload: '4' }, 1);
  await turn();
  await turn();
  expect(writes.map((packets) => packets.length)).toEqual([3, 1]);
  expect(writes.flat()).toMatchObject([
    { cmd: 'publish', topic: 'a', payload: Buffer.from('1'), qos: 1, retain: false, messageId: 1 },
    { cmd: 'publish', topic: 'b', payload: Buffer.from('2'), qos: 0 },
    { cmd: 'publish', topic: 'a', payload: Buffer.from('3'), qos: 1, messageId: 2 },
    { cmd: 'publish', topic: 'a', payload: Buffer.from('4'), qos: 1, messageId: 3 },
  ]);
});

it('lets go first what others write in between', async () => {
  const { stream, outbox, writes, turn } = bench();
  outbox.add({ topic: 'a', payload: '1' }, 0);
  outbox.split();
  setImmediate(() => stream.write(mqtt.generate({ cmd: 'pingresp' })));
  outbox.add({ topic: 'a', payload: '2' }, 0);
  await turn();
  await turn();
  expect(writes.flat().map(({ cmd }) => cmd)).toEqual(['publish', 'pingresp', 'publish']);
});

it('writes nothing to a client that is gone', async () => {
  const { stream, outbox, writes, turn } = bench();
  outbox.add({ topic: 'a', payload: '1' }, 0);
  stream.destroy();
  await turn();
  expect(writes).toEqual([]);
});
