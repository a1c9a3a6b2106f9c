import { type Entry, packBatch, type Reading, type Value, viewBatch } from '@fieldline/journal';
import type { Profile } from '@fieldline/protocol';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Device } from '../../devices/device.js';
import type { Rejection } from '../sink.js';
import { MIDNIGHT_US, reading, series } from '../sinks.fixture.js';
import { DeviceLines } from './device-lines.js';
import { Fields } from './fields.js';
import type { LineBlock } from './line-block.js';
import { LineEncoder } from './line-encoder.js';
import { parseLines } from './line-protocol.fixture.js';

let fields: Fields;
let devices: Map<string, Device>;
let refused: Rejection[];
let encoder: LineEncoder;
/** In the journal. */
let offset: number;

beforeEach(() => {
  fields = new Fields({ all: () => [], add: () => undefined });
  devices = new Map();
  refused = [];
  offset = 0;
  encoder = new LineEncoder({
    devices,
    fields,
    tags: ['site', 'room'],
    retentionPolicyOf: (measurement) => (measurement === 'short' ? 'days' : undefined),
  });
});

/** A registered device; what of it counts for a line. */
function register(id: string, profile: string | null, tags: Record<string, string>, integers: string[] = []) {
  const metrics = new Map(integers.map((name) => [name, { integer: true }]));
  const loaded = { name: profile, metrics } as unknown as Profile;
  devices.set(id, { record: { profile, tags }, profile: loaded } as unknown as Device);
}

function entryOf(readings: readonly Reading[]): Entry {
  const packed = packBatch({ readings, ranges: [] });
  const first = offset + 1;
  offset += readings.length;
  return { first, last: offset, packed, readings: () => viewBatch(packed).readings() };
}

function blocks(readings: readonly Reading[], lines = 5_000, bytes = 1_000_000): LineBlock[] {
  return [...encoder.blocks([entryOf(readings)], () => ({ lines, bytes }), refused)];
}

function text(block: LineBlock | undefined): string {
  return Buffer.from(block?.bytes ?? []).toString();
}

test('a line has the measurement, the tags, all fields and microseconds', () => {
  register('a', 'env', { site: 'Nord, 2', room: '', floor: '3' });
  const values = { t: 21.5, ok: true, off: false, note: 'say "hi"\nthere', 'dotted.name-x': -0 };
  expect(text(blocks([reading('a', MIDNIGHT_US + 123_456, values)])[0])).toBe(
    'env,device=a,site=Nord\\,\\ 2 t=21.5,ok=true,off=false,note="say \\"hi\\"\nthere",dotted.name-x=-0 ' +
      `${MIDNIGHT_US + 123_456}\n`,
  );
});

test('devices without a profile, and those that are gone, have the default measurement', () => {
  register('a', null, {});
  expect(text(blocks([reading('a', 1, { t: 1 }), reading('gone', 2, { t: 1 })])[0])).toBe(
    'default,device=a t=1 1\ndefault,device=gone t=1 2\n',
  );
});

test('tags that cannot be written are left out, whatever they try', () => {
  register('a', 'env', { site: 'x\nadmin f=1', room: 'back\\' });
  expect(text(blocks([reading('a', 1, { t: 1 })])[0])).toBe('env,device=a t=1 1\n');
});

test('a change in the registry shows in the next line, and not in one that was made before', () => {
  const readings = [reading('a', 1, { t: 1 })];
  register('a', 'env', { site: 'north' });
  blocks(readings);
  register('a', 'other', { site: 'south' });
  offset = 0;
  expect(text(blocks(readings)[0])).toBe('env,device=a,site=north t=1 1\n');
  expect(text(blocks(readings)[0])).toBe('other,device=a,site=south t=1 1\n');
});

test('integers have their suffix, and what does not fit another field', () => {
  register('a', 'env', {}, ['n']);
  const values = [2 ** 70, 1, 2, 2 ** 62, 0.5, -(2 ** 63)];
  fields.of('env', 'n', 1, true);
  const lines = text(blocks(values.map((n, at) => reading('a', at, { n, m: 1 })))[0]).split('\n');
  expect(lines.map((line) => line.split(' ')[1]).slice(0, -1)).toEqual([
    'n_number=1.1805916207174113e+21,m=1',
    'n=1i,m=1',
    'n=2i,m=1',
    'n=4611686018427387904i,m=1',
    'n_number=0.5,m=1',
    'n=-9223372036854775808i,m=1',
  ]);
});

test('a reading without values gives no line, and what is not finite is refused', () => {
  const readings = [
    reading('a', 1, {}),
    reading('a', 2, { bad: Number.NaN, good: 1 }),
    reading('a', 3, { bad: Number.POSITIVE_INFINITY }),
    reading('a', 4, { good: 2 }),
  ];
  expect(text(blocks(readings)[0])).toBe('default,device=a good=1 2\ndefault,device=a good=2 4\n');
  expect(refused).toMatchObject([
    {
      reading: { time: 2 },
      metric: 'bad',
      code: 'sink_rejected',
      message: 'NaN cannot be stored in InfluxDB',
    },
    { reading: { time: 3 }, metric: 'bad' },
  ]);
});

test('blocks end at their limits, and have one retention policy each', () => {
  register('s', 'short', {});
  const readings = [...series('a', 0, 25), ...series('s', 0, 5), ...series('a', 25, 1)];
  const made = blocks(readings, 10);
  expect(made.map(({ retentionPolicy, count }) => [retentionPolicy, count])).toEqual([
    [undefined, 10],
    [undefined, 10],
    [undefined, 6],
    ['days', 5],
  ]);
  expect(blocks(readings, 10, 100).length).toBeGreaterThan(8);
  expect(blocks([])).toEqual([]);
});

test('a block grows with its lines, and knows where each came from', () => {
  const long = '🚿'.repeat(64);
  const readings = series('a', 0, 30).map((one, n) => ({
    ...one,
    device: n % 3 ? 'a' : 'b',
    time: MIDNIGHT_US - n,
    values: n % 2 ? { n, long } : { n, long, other: 1 },
  }));
  const lines = blocks(readings, 30, 200_000)[0]?.lines() ?? [];
  // Those with the same fields stand together, in order of time.
  const numbers = Array.from({ length: 15 }, (_, n) => 28 - 2 * n);
  expect(lines.map(({ reading }) => reading.values.n)).toEqual([...numbers, ...numbers.map((n) => n + 1)]);
  for (const { bytes, reading } of lines) {
    const [line] = parseLines(Buffer.from(bytes).toString());
    expect(line).toMatchObject({
      tags: { device: reading.device },
      fields: { n: `${reading.values.n}`, long: `"${long}` },
      time: `${reading.time}`,
    });
  }
});

test('lines from packed columns are those that the values of a reading make one by one', () => {
  const metric = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,5}$/);
  const value = fc.oneof<fc.Arbitrary<Value>[]>(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  );
  const values = fc.dictionary(metric, value, { minKeys: 1, maxKeys: 6, noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(values, fc.maxSafeNat()), { minLength: 1, maxLength: 20 }), (many) => {
      register('a', 'env', { site: 'é 1' }, ['n']);
      const readings = many.map(([values, time]) => reading('a', time, values));
      const made = text(blocks(readings)[0]);
      const device = new DeviceLines('a', devices.get('a'), fields, ['site', 'room']);
      expect(made).toBe(readings.map((one) => device.line(device.texts(one), one.time)).join(''));
    }),
  );
});
