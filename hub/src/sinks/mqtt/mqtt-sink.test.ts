import type { Entry } from '@fieldline/journal';
import { topics } from '@fieldline/protocol';
import { expect, test } from 'vitest';
import { HeldTransport, settled } from '../../mqtt/transport.fixture.js';
import { RefusedMessage } from '../../mqtt/transport.js';
import { SinkError } from '../sink.js';
import { MIDNIGHT_US, reading, series } from '../sinks.fixture.js';
import { MqttSink } from './mqtt-sink.js';
import { telemetryPayload } from './telemetry-payload.js';

const never = new AbortController().signal;

function bench() {
  const transport = new HeldTransport();
  const sink = new MqttSink(transport, topics('p'), () => transport.open());
  const entry = (readings: ReturnType<typeof series>): Entry => ({
    ...{ first: 1, last: readings.length, packed: new Uint8Array(), readings: () => readings },
  });
  return { transport, sink, entry };
}

test('a payload has its time in ms, and a number only where there is one', () => {
  const numbered = reading('d', MIDNIGHT_US + 1_999, { t: 21.5, s: 'a"b' }, { boot: 'b-1', seq: 7 });
  expect(telemetryPayload(numbered)).toBe(
    `{"time":${MIDNIGHT_US / 1_000 + 1},"seq":7,"boot":"b-1","values":{"t":21.5,"s":"a\\"b"}}`,
  );
  const bare = reading('d', MIDNIGHT_US, { on: true }, { boot: '', seq: 0 });
  expect(telemetryPayload(bare)).toBe(`{"time":${MIDNIGHT_US / 1_000},"values":{"on":true}}`);
});

test('a hundred are in flight, the next goes when one is confirmed', async () => {
  const { transport, sink, entry } = bench();
  const written = sink.write([entry(series('d', 0, 150))], never);
  expect(transport.published).toHaveLength(100);
  expect(transport.published[0]).toMatchObject({ topic: 'p/devices/d/telemetry', qos: 1, retain: false });
  transport.published[40]?.confirm();
  await settled();
  expect(transport.published).toHaveLength(101);
  transport.isQuick = true;
  for (const { confirm } of transport.published) confirm();
  expect(await written).toEqual([]);
  expect(transport.published.map(({ payload }) => JSON.parse(payload).seq)).toEqual(
    Array.from({ length: 150 }, (_, n) => n + 1),
  );
});

test('after a failure nothing more is sent', async () => {
  const { transport, sink, entry } = bench();
  const written = sink.write([entry(series('d', 0, 150))], never);
  const gone = new SinkError('network', 'gone');
  transport.published[3]?.refuse(gone);
  await expect(written).rejects.toBe(gone);
  for (const { confirm } of transport.published) confirm();
  await settled();
  expect(transport.published).toHaveLength(100);
});

test('a reading that the broker does not want is a rejection of its own', async () => {
  const { transport, sink, entry } = bench();
  const readings = series('d', 0, 3);
  const written = sink.write([entry(readings)], never);
  transport.published[1]?.refuse(new RefusedMessage('too large'));
  transport.published[0]?.confirm();
  transport.published[2]?.confirm();
  expect(await written).toEqual([{ reading: readings[1], code: 'sink_rejected', message: 'too large' }]);
});

test('what nobody can get is not sent', async () => {
  const { transport, sink, entry } = bench();
  transport.unwanted.add('p/devices/a/telemetry');
  transport.isQuick = true;
  expect(await sink.write([entry([...series('a', 0, 1_000), ...series('b', 0, 2)])], never)).toEqual([]);
  expect(transport.published.map(({ topic }) => topic)).toEqual(Array(2).fill('p/devices/b/telemetry'));
});

test('an abort ends the write at once', async () => {
  const { transport, sink, entry } = bench();
  const abort = new AbortController();
  const written = sink.write([entry(series('d', 0, 3))], abort.signal);
  abort.abort();
  await expect(written).rejects.toMatchObject({ kind: 'network' });
  await expect(sink.write([entry(series('d', 0, 3))], abort.signal)).rejects.toMatchObject({
    kind: 'network',
  });
  expect(transport.published).toHaveLength(3);
});

test('without a connection it does not open, and does not write', async () => {
  const { transport, sink, entry } = bench();
  transport.isConnected = false;
  await expect(sink.open()).rejects.toMatchObject({ kind: 'network' });
  await expect(sink.write([entry(series('d', 0, 1))], never)).rejects.toMatchObject({ kind: 'network' });
  transport.isConnected = true;
  expect(await sink.open()).toBeNull();
});

test('a broker that refuses the password is for somebody to mend', async () => {
  const { transport, sink, entry } = bench();
  transport.isConnected = false;
  transport.failure = new SinkError('credentials', 'the MQTT broker says: not authorised');
  await expect(sink.open()).rejects.toMatchObject({ kind: 'credentials' });
  await expect(sink.write([entry(series('d', 0, 1))], never)).rejects.toMatchObject({ kind: 'credentials' });
});
