import { crc32 } from 'node:zlib';
import { encodeCbor } from '@fieldline/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cobsEncode } from '../cobs/cobs.js';
import { readFrame } from '../cobs/frame.js';
import { BenchBoard, turn } from './board.fixture.js';
import { CobsCodec } from './cobs-codec.js';

let bench: BenchBoard;

beforeEach(() => {
  bench = new BenchBoard(() => new CobsCodec());
  bench.board.opened();
  hear({ type: 'hello', boot: 'c1', seq: 0, oldest: 1 });
  bench.sent.length = 0;
});
afterEach(() => {
  bench.board.gone();
  vi.useRealTimers();
});

/** A frame with a right check, whatever is in it. */
function frame(cbor: Buffer): Buffer {
  const check = Buffer.alloc(4);
  check.writeUInt32LE(crc32(cbor));
  return cobsEncode(Buffer.concat([cbor, check]));
}

const hear = (message: object) => bench.board.heard(frame(encodeCbor(message)));
const told = () =>
  bench.sent
    .map((bytes) => readFrame(bytes.subarray(0, -1)))
    .map((read) => (read !== undefined && 'message' in read ? read.message : read));

describe('a board with frames', () => {
  it.each([
    ['a text that is not UTF-8', (cbor: Buffer) => cbor.write('\xff', cbor.length - 1, 'latin1')],
    ['a value that nobody knows', (cbor: Buffer) => cbor.writeUInt8(0xf0, cbor.length - 6)],
  ])('that says %s is answered, so that what comes after it is acknowledged', async (_, spoil) => {
    hear({ type: 'telemetry', boot: 'c1', seq: 1, values: { n: 1 } });
    const bad = encodeCbor({ type: 'telemetry', boot: 'c1', seq: 2, values: { note: 'hello' } });
    spoil(bad);
    bench.board.heard(frame(bad));
    hear({ type: 'telemetry', boot: 'c1', seq: 3, values: { n: 3 } });
    await turn();
    expect(told()).toMatchObject([
      { type: 'error', code: 'malformed', seq: 2, fatal: false },
      { type: 'ack', boot: 'c1', seq: 3 },
    ]);
    expect(bench.numbersKept()).toEqual(['c1 1', 'c1 3']);
    expect(bench.board.counts.dropped.malformed).toBe(1);
    expect(bench.logged).toEqual([expect.stringMatching(/^warn malformed: message 2: /)]);
  });

  it('that says a number which is none keeps what else it says, and is told', async () => {
    // As doubles, which take the bytes of what is none.
    const unfit = (message: object) => {
      const cbor = encodeCbor(message);
      for (const [fine, bits] of [
        [0.1, '7ff8000000000000'],
        [0.2, '7ff0000000000000'],
      ] as const) {
        const double = encodeCbor(fine).subarray(1);
        for (let at = cbor.indexOf(double); at !== -1; at = cbor.indexOf(double)) cbor.write(bits, at, 'hex');
      }
      bench.board.heard(frame(cbor));
    };
    unfit({ type: 'telemetry', seq: 1, values: { t: 0.1, u: 2, v: 0.2 } });
    unfit({ t: 0.1, u: 3 });
    await turn();
    expect(JSON.parse(bench.kept[0]?.body ?? '').values).toEqual({ t: null, u: 2, v: null });
    expect(bench.kept[1]?.row?.values).toBe('{"t":null,"u":3}');
    expect(told()).toEqual([
      { type: 'reject', seq: 1, code: 'bad_value', metric: 't', row: 0, count: 1 },
      { type: 'reject', seq: 1, code: 'bad_value', metric: 'v', row: 0, count: 1 },
      { type: 'ack', boot: 'c1', seq: 1 },
    ]);
    expect(bench.board.counts.dropped.bad_value).toBe(3);
  });

  it('is not told anything of a frame that the line has spoilt', async () => {
    const spoilt = frame(encodeCbor({ type: 'telemetry', boot: 'c1', seq: 1, values: { note: 'hello' } }));
    spoilt[30] = (spoilt[30] ?? 0) ^ 1;
    bench.board.heard(spoilt);
    await turn();
    expect(told()).toEqual([]);
    expect(bench.board.counts.dropped.bad_crc).toBe(1);
  });

  it('loses nothing to more gaps than the journal remembers', async () => {
    const say = (seq: number) => hear({ type: 'telemetry', boot: 'c1', seq, values: { n: seq } });
    for (let seq = 1; seq <= 199; seq += 2) say(seq);
    await turn();
    expect(told()).toEqual([{ type: 'ack', boot: 'c1', seq: 1 }]);
    expect(bench.board.counts.dropped.ahead).toBeGreaterThan(0);
    // It sends again what it has.
    for (let seq = 2; seq <= 199; seq++) say(seq);
    await turn();
    expect(told().at(-1)).toEqual({ type: 'ack', boot: 'c1', seq: 199 });
    expect(new Set(bench.numbersKept()).size).toBe(199);
    expect(bench.kept).toHaveLength(199);
  });

  it('throws at nothing that a map of CBOR can be, and goes on', async () => {
    const odd = fc.oneof(
      fc
        .anything({ withNullPrototype: false, maxDepth: 3 })
        .filter((value) => JSON.stringify(value) !== undefined),
      fc.array(fc.tuple(fc.oneof(fc.double(), fc.string()), fc.dictionary(fc.string(), fc.double()))),
    );
    const field = fc.constantFrom(
      ...[
        'values',
        'rows',
        'columns',
        'dt',
        't0',
        'time',
        'uptime',
        'clock',
        'boot',
        'seq',
        'oldest',
        'rxMax',
        'config',
      ],
    );
    const type = fc.constantFrom('telemetry', 'hello', 'time', 'log', 'result', 'config', 'other', undefined);
    const message = fc.tuple(type, fc.dictionary(field, odd)).map(([type, fields]) => {
      // As it would come over the line.
      return JSON.parse(JSON.stringify({ ...fields, ...(type === undefined ? {} : { type }) }));
    });
    fc.assert(fc.property(message, (fields) => hear(fields)));
    bench.kept.length = 0;
    hear({ type: 'hello', boot: 'c9', seq: 0 });
    hear({ type: 'telemetry', boot: 'c9', seq: 1, values: { n: 1 } });
    await turn();
    expect(bench.numbersKept()).toEqual(['c9 1']);
  });
});
