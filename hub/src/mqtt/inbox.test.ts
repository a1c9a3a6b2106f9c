import { expect, test } from 'vitest';
import { FieldlineError } from '../errors.js';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { Inbox } from './inbox.js';
import { ingestCounters } from './ingest-counters.js';

function bench(failures: Error[] = []) {
  const device = deviceOf('d');
  const clock = { ms: 1_000 };
  const submitted: (readonly unknown[])[] = [];
  const refused: { raw: string; reason: string }[] = [];
  const complaints: [reason: string, seq: number | undefined][] = [];
  const acked: (readonly unknown[])[] = [];
  const logged: object[] = [];
  const shown: object[] = [];
  const counters = ingestCounters();
  const inbox = new Inbox({
    devices: { get: (id) => (id === 'd' ? device : undefined) },
    submit: {
      submit: async (_id, messages) => {
        submitted.push(messages);
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
      },
    },
    live: { wantsRaw: () => true, raw: (event) => void shown.push(event) },
    refuseFrame: (_device, source, raw, reason) => {
      expect(source).toBe('mqtt');
      refused.push({ raw, reason });
    },
    complaints: {
      of: () => ({
        reject: () => {},
        malformed: (reason, seq) => complaints.push([reason, seq]),
        unknownType: () => {},
      }),
    },
    acks: { settled: (_device, messages) => acked.push(messages) },
    maxBytes: 100,
    counters,
    log: { warn: (fields: object) => logged.push(fields) } as never,
    now: () => clock.ms,
  });
  const take = (payload: string | Buffer, id = 'd') => inbox.take(id, Buffer.from(payload as string));
  return { clock, complaints, acked, device, inbox, submitted, refused, logged, shown, counters, take };
}

test('takes a message, a bare reading, and an array', async () => {
  const { take, submitted } = bench();
  await take('{"boot":"b","seq":1,"values":{"t":1}}');
  await take('{"t":1}');
  await take('[{"t":1},{"t":2}]');
  expect(submitted).toEqual([[{ boot: 'b', seq: 1, values: { t: 1 } }], [{ t: 1 }], [{ t: 1 }, { t: 2 }]]);
});

test('shows what came to those who watch the wire', async () => {
  const { take, shown } = bench();
  await take('{"t":1}');
  await take('{"t":nan}');
  expect(shown).toMatchObject([
    { device: 'd', direction: 'in', via: 'mqtt', frame: '{"t":1}', bytes: 7 },
    { frame: '{"t":nan}' },
  ]);
});

test.each([
  ['no JSON', '{"t":nan}', /JSON/],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not valid UTF-8'],
  ['nothing at all', '', /JSON/],
  ['too large', `"${'x'.repeat(100)}"`, 'larger than 100 bytes'],
  ['an empty array', '[]', /1 to 1000/],
])('%s goes to the quarantine, and is done when that is on disk', async (_name, payload, reason) => {
  const { take, submitted, refused } = bench();
  await take(payload);
  expect(refused).toMatchObject([{ reason: expect.stringMatching(reason) }]);
  expect(submitted).toEqual([[]]);
});

test('a device that may not send is refused for good, counted, and logged now and then', async () => {
  const { clock, device, take, submitted, logged, counters } = bench();
  await take('{"t":1}', 'unknown');
  device.record = { ...device.record, disabled: true };
  await take('{"t":1}');
  await take('{"t":1}');
  clock.ms += 60_000;
  await take('{"t":1}');
  expect(submitted).toEqual([]);
  expect(counters.refused).toBe(4);
  expect(logged).toEqual([
    { device: 'unknown', why: 'not registered', messages: 1 },
    { device: 'd', why: 'disabled', messages: 3 },
  ]);
});

test('one that was deleted just now is refused, too', async () => {
  const { take, counters } = bench([new FieldlineError('unknown_device', 'gone', { status: 404 })]);
  await take('{"t":1}');
  expect(counters.refused).toBe(1);
});

test('what cannot be taken at the moment is tried again after the time that it names', async () => {
  const later = (status: number) => new FieldlineError('later', 'later', { status, retryAfterMs: 1 });
  const { take, submitted } = bench([later(503), later(429)]);
  await take('{"t":1}');
  expect(submitted).toEqual([[{ t: 1 }], [{ t: 1 }], [{ t: 1 }]]);
});

test('what is held stays in order, and only the first of a device asks again', async () => {
  const later = () => new FieldlineError('later', 'later', { status: 429, retryAfterMs: 1 });
  const { take, submitted } = bench([later(), later(), later(), later()]);
  const [one, two] = [take('{"n":1}'), take('{"n":2}')];
  await Promise.resolve();
  const three = take('{"n":3}');
  await Promise.all([one, two, three]);
  // All came before the first answer; from then on they queue.
  expect(submitted.map(([message]) => (message as { n: number }).n)).toEqual([1, 2, 3, 1, 1, 2, 3]);
});

test('is acked once it is taken', async () => {
  const { take, acked } = bench([new FieldlineError('later', 'later', { status: 429, retryAfterMs: 1 })]);
  await take('{"t":1}');
  expect(acked).toEqual([[{ t: 1 }]]);
});

test('a sender that is gone leaves nothing behind', async () => {
  const later = new FieldlineError('later', 'later', { status: 503, retryAfterMs: 3_600_000 });
  const { inbox, submitted, take } = bench([later, later]);
  const gone = new AbortController();
  const held = [1, 2].map((n) => inbox.take('d', Buffer.from(`{"n":${n}}`), gone.signal));
  const settled = Promise.allSettled(held);
  await new Promise((resolve) => setImmediate(resolve));
  gone.abort();
  expect(await settled).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  const count = submitted.length;
  await take('{"n":3}');
  expect(submitted).toHaveLength(count + 1);
});

test('is let go of, without an answer, when the hub stops', async () => {
  const later = new FieldlineError('later', 'later', { status: 503, retryAfterMs: 3_600_000 });
  const { inbox, take } = bench([later, later]);
  const held = take('{"t":1}');
  inbox.stop();
  await expect(held).rejects.toThrow('let go of');
  await expect(take('{"t":1}')).rejects.toThrow('let go of');
});

test('an error of the hub itself is no answer', async () => {
  const { take } = bench([new Error('bug')]);
  await expect(take('{"t":1}')).rejects.toThrow('bug');
});

test('what cannot be read is told to its device, with its number where there is one', async () => {
  const { take, complaints } = bench();
  await take('{"boot":"b","seq":7,"values":{"t":nan}}');
  await take('{"t":');
  await take(`"${'x'.repeat(100)}"`);
  expect(complaints.map(([, seq]) => seq)).toEqual([7, undefined, undefined]);
});

test('what else a device has said is on disk when that is', async () => {
  const later = new FieldlineError('later', 'later', { status: 503, retryAfterMs: 1 });
  const { inbox, device, submitted } = bench([later]);
  await inbox.sync(device, new AbortController().signal);
  expect(submitted).toEqual([[], []]);
});
