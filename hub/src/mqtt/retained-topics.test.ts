import { expect, test } from 'vitest';
import { RetainedTopics } from './retained-topics.js';
import { HeldTransport, settled } from './transport.fixture.js';
import { RefusedMessage } from './transport.js';

function bench() {
  const transport = new HeldTransport();
  const retained = new RetainedTopics(transport);
  retained.open();
  return { transport, retained };
}

test('says only the latest of what waits, a bounded number at a time', async () => {
  const { transport, retained } = bench();
  for (const round of [1, 2, 3]) {
    for (let n = 0; n < 1_000; n++) retained.say(`t/${n}`, () => `${round}`);
  }
  expect(transport.published).toHaveLength(50);
  expect(transport.published[0]).toMatchObject({ qos: 1, retain: true });
  transport.isQuick = true;
  for (const { confirm } of transport.published) confirm();
  await retained.settle(10_000);
  expect(new Set(transport.said)).toEqual(
    new Set(Array.from({ length: 1_000 }, (_, n) => [`t/${n} 3`, ...(n < 50 ? [`t/${n} 1`] : [])]).flat()),
  );
  expect(transport.said).toHaveLength(1_050);
});

test('keeps what was not confirmed over a disconnect, unless there is something newer', async () => {
  const { transport, retained } = bench();
  retained.say('gone', () => '');
  retained.say('old', () => '1');
  transport.disconnect();
  retained.say('old', () => '2');
  await settled();
  transport.published.length = 0;
  transport.connect();
  expect([...transport.said].sort()).toEqual(['gone ', 'old 2']);
});

test('keeps the newer one of two that a disconnect ends together', async () => {
  const { transport, retained } = bench();
  retained.say('t', () => 'old');
  retained.say('t', () => '');
  transport.disconnect();
  await settled();
  transport.published.length = 0;
  transport.connect();
  expect(transport.said).toEqual(['t ']);
});

test('does not insist where the broker refuses', async () => {
  const { transport, retained } = bench();
  retained.say('t', () => 'x');
  transport.published[0]?.refuse(new RefusedMessage('too large'));
  await retained.settle(10_000);
  transport.disconnect();
  transport.connect();
  expect(transport.said).toEqual(['t x']);
});

test('waits no longer than it is told for a broker that does not confirm', async () => {
  const { retained } = bench();
  retained.say('t', () => 'x');
  await retained.settle(1);
  expect(retained.backlog).toBe(0);
});
