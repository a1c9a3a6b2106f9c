import { crc32 } from 'node:zlib';
import { encodeCbor } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cobsEncode } from '../cobs/cobs.js';
import { readFrame } from '../cobs/frame.js';
import type { BoardFacts } from '../hub/board-facts.js';
import { crc16Text } from '../lines/crc16.js';
import type { Outgoing } from '../queue/queue.js';
import { Board } from './board.js';
import { BoardNumbers } from './board-numbers.js';
import { CobsCodec } from './cobs-codec.js';
import { LinesCodec } from './lines-codec.js';

const NOW = 1_795_000_000_000;
const HELLO = '{"type":"hello","boot":"b1","caps":["command"],"rxMax":128,"uptime":1000}';

let now: number;
let written: string[];
let kept: Outgoing[];
let present: BoardFacts[];
let logged: string[];
let isFull: boolean;
let board: Board;

afterEach(() => {
  board.gone();
  vi.useRealTimers();
});
beforeEach(() => {
  now = NOW;
  written = [];
  kept = [];
  present = [];
  logged = [];
  isFull = false;
  board = new Board({
    codec: () => new LinesCodec(),
    write: (bytes) => written.push(bytes.toString().trim()) > 0,
    async keep(message) {
      if (isFull) throw new Error('full');
      kept.push(message);
    },
    numbers: new BoardNumbers([]),
    present: (facts) => present.push(facts),
    absent: vi.fn(),
    log: (level, text) => logged.push(`${level} ${text}`),
    warn: vi.fn(),
    maxLineBytes: 1_024,
    now: () => now,
  });
});

const say = (...lines: string[]) => {
  for (const line of lines) board.heard(Buffer.from(line));
};
const numbered = (seq: number) => `{"type":"telemetry","seq":${seq},"values":{"n":${seq}}}`;
const numberedOf = (boot: string, seq: number) => numbered(seq).replace('"seq"', `"boot":"${boot}","seq"`);
const times = () => kept.map(({ row }) => row?.time);
const datesOf = () => kept.map(({ body }) => JSON.parse(body ?? '{}').time);
const checked = (text: string) => `${text} *${crc16Text(Buffer.from(text))}`;
const questions = () => written.filter((line) => line.startsWith('?')).length;
const numbersKept = () => kept.map(({ number }) => `${number?.boot} ${number?.seq}`);
const acks = () =>
  written
    .filter((line) => line.includes('"ack"'))
    .map((line) => JSON.parse(line.replace(/ \*.*$/, '')))
    .map(({ boot, seq }) => `${boot} ${seq}`);
const turn = async () => {
  for (let n = 0; n < 2; n++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a board that was just opened', () => {
  it('is asked for its hello, and what may be half a line is dropped', () => {
    board.opened();
    expect(written).toEqual(['?']);
    say('erature=2', 'temperature=21.5');
    expect(kept).toEqual([{ row: { time: NOW, values: '{"temperature":21.5}' } }]);
    expect(board.counts).toMatchObject({ openings: 1, readings: 1, dropped: { half: 1 } });
  });

  it('is believed when its first line has a right check, or is its hello', () => {
    board.opened();
    say(checked('a=1'));
    expect(kept).toHaveLength(1);
    board.opened();
    say(HELLO);
    expect(present).toEqual([{ caps: ['command'], rxMax: 128, startedAt: NOW - 1_000 }]);
  });

  it('has no number before it has said hello, which it is asked for again each second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    board.opened();
    const own = numberedOf('b1', 2);
    say('', numbered(1), own);
    vi.advanceTimersByTime(5_000);
    expect(questions()).toBe(6);
    expect(present).toHaveLength(1);
    say(numbered(1), own, HELLO, numbered(1), own);
    await turn();
    expect(numbersKept()).toEqual(['b1 1', 'b1 2']);
    expect(board.counts.dropped.before_hello).toBe(4);
    expect(acks()).toEqual(['b1 2']);
    vi.advanceTimersByTime(60_000);
    expect(questions()).toBe(6);
    // Another board may have been plugged in.
    board.gone();
    board.opened();
    say('', numbered(3), numberedOf('b1', 3));
    expect(kept).toHaveLength(2);
  });

  it('and says no hello is asked less and less, and its readings are taken', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    board.opened();
    say('', 'n=1');
    vi.advanceTimersByTime(1_500);
    expect(present).toEqual([{ caps: [] }]);
    vi.advanceTimersByTime(600_000);
    expect(questions()).toBeGreaterThan(10);
    expect(questions()).toBeLessThan(20);
    say('n=2');
    expect(kept.map(({ row }) => row?.values)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('and numbers its messages without ever saying hello is believed after a while', async () => {
    board.opened();
    const own = numberedOf('b7', 1);
    say('', numbered(1), own);
    now += 15_000;
    say(numbered(1), own);
    await turn();
    expect(kept.map(({ number }) => number)).toEqual([undefined, { boot: 'b7', seq: 1 }]);
    expect(acks()).toEqual(['b7 1']);
    board.gone();
  });

  it('is asked with a check once it has them', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    board.opened();
    say('', checked('n=1'));
    vi.advanceTimersByTime(1_000);
    expect(written).toEqual(['?', checked('?')]);
    board.gone();
    board.opened();
    expect(written.at(-1)).toBe('?');
  });
});

describe('a board that starts anew', () => {
  beforeEach(() => {
    board.opened();
    say(HELLO);
  });

  it('and whose hello is lost has no number before the next one', async () => {
    say(numbered(1));
    const own = numberedOf('b2', 1);
    say(own);
    expect(board.counts.dropped.before_hello).toBe(1);
    say(HELLO.replace('b1', 'b2'), own);
    await turn();
    expect(numbersKept()).toEqual(['b1 1', 'b2 1']);
  });

  it('and sends what an earlier start has left is heard after a hello', async () => {
    const left = numberedOf('b0', 9);
    say(left, HELLO, left);
    await turn();
    expect(numbersKept()).toEqual(['b0 9']);
    expect(acks()).toEqual(['b0 9']);
  });

  it('is asked who it is when it repeats a number that is kept', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    say(numbered(1), numbered(1), numbered(1));
    vi.advanceTimersByTime(60_000);
    expect(questions()).toBe(2);
    say(numbered(1), HELLO);
    vi.advanceTimersByTime(60_000);
    expect(questions()).toBe(2);
  });

  it('under a name that was used before is heard, and named in the log', async () => {
    say(numbered(1), numbered(2), HELLO.replace('}', ',"seq":0}'), numbered(1), numbered(2), numbered(2));
    await turn();
    expect(kept.map(({ body }) => JSON.parse(body ?? '').values.n)).toEqual([1, 2, 1, 2]);
    expect(numbersKept()).toEqual(['b1 1', 'b1 2', 'b1~2 1', 'b1~2 2']);
    expect(acks().at(-1)).toBe('b1 2');
    expect(logged).toEqual([expect.stringMatching(/^warn boot_reused: .*b1/)]);
  });
});

describe('times', () => {
  it('are those of the line, or of the uptime', () => {
    board.opened();
    say('', 'a=1');
    now += 1_000;
    say('a=1 @5000');
    now += 1_200;
    // It was held up for 200 ms.
    say('a=1 @6000');
    expect(times()).toEqual([NOW, NOW + 1_000, NOW + 2_000]);
  });

  it('begin anew with a board that restarts without a word', () => {
    board.opened();
    say('', 'a=1 @3600000');
    now += 5_000;
    say('a=1 @20');
    expect(times()).toEqual([NOW, NOW + 5_000]);
  });

  it('go on over the wrap of a 32-bit counter', () => {
    board.opened();
    say('', `a=1 @${2 ** 32 - 500}`);
    now += 1_000;
    say('a=1 @500');
    expect(times()).toEqual([NOW, NOW + 1_000]);
  });
});

describe('numbered messages', () => {
  beforeEach(() => {
    board.opened();
    say(HELLO);
    written.length = 0;
  });

  it('are kept once, and acknowledged each time', async () => {
    say(numbered(1), numbered(2));
    await turn();
    expect(written).toEqual(['{"type":"ack","boot":"b1","seq":2}']);
    say(numbered(1));
    await turn();
    expect(written).toHaveLength(2);
    expect(kept).toHaveLength(2);
    expect(board.counts).toMatchObject({ readings: 2, duplicates: 1 });
  });

  it('are not acknowledged when they could not be kept', async () => {
    isFull = true;
    say(numbered(1));
    await turn();
    isFull = false;
    say(numbered(2));
    await turn();
    expect(written.filter((line) => line.includes('ack'))).toEqual([]);
    say(numbered(1));
    await turn();
    expect(written.at(-1)).toBe('{"type":"ack","boot":"b1","seq":2}');
    board.gone();
  });

  it('are asked for again while some are missing, but not those of an earlier start', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    say(HELLO.replace('}', ',"oldest":1}'), numbered(1), numbered(3));
    vi.advanceTimersByTime(3_000);
    expect(questions()).toBe(2);
    say(numbered(2));
    vi.advanceTimersByTime(60_000);
    expect(questions()).toBe(2);
    say(numbered(5));
    vi.advanceTimersByTime(60_000);
    // Less and less often, so that a slow line is not full of repetitions.
    expect(questions()).toBeGreaterThan(8);
    expect(questions()).toBeLessThan(13);
    const before = questions();
    say(HELLO.replace('b1', 'b2'));
    vi.advanceTimersByTime(60_000);
    expect(questions()).toBe(before);
  });

  it('are missing as soon as the board says that it has given them', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    say(HELLO.replace('}', ',"seq":2,"oldest":1}'), numbered(1));
    vi.advanceTimersByTime(1_000);
    expect(questions()).toBe(1);
  });

  it('that are none are answered, so that the board goes on', async () => {
    say('{"type":"telemetry","seq":1,"boot":7}', numbered(2));
    await turn();
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'error', code: 'malformed', seq: 1 });
    expect(written.at(-1)).toBe('{"type":"ack","boot":"b1","seq":2}');
    expect(board.counts.dropped.malformed).toBe(1);
  });

  it('of a type that nobody knows are answered, too', async () => {
    say('{"type":"telemetri","seq":1}', numbered(2));
    await turn();
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'error', code: 'unknown_type', seq: 1 });
    expect(acks()).toEqual(['b1 2']);
  });

  it('that are no JSON are given up once it is clear that the line did not spoil them', async () => {
    const broken = '{"type":"telemetry","seq":1,"values":{"t":nan}}';
    say(broken);
    await turn();
    expect(written).toEqual([]);
    say(broken);
    await turn();
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'error', code: 'malformed', seq: 1 });
    expect(acks()).toEqual(['b1 1']);
    say(checked(broken.replace('1', '2')));
    await turn();
    expect(acks()).toEqual(['b1 1', 'b1 2']);
    expect(logged.filter((line) => line.startsWith('warn {'))).toHaveLength(3);
  });

  it('are not given up under another boot than theirs', async () => {
    say('{"type":"telemetry","boot":"b0","seq":5,"clock":1}');
    await turn();
    expect(written).toEqual([]);
    say(HELLO, '{"type":"telemetry","boot":"b0","seq":5,"clock":1}', numbered(5));
    await turn();
    expect(acks().sort()).toEqual(['b0 5', 'b1 5']);
    expect(numbersKept()).toEqual(['b1 5']);
  });

  it('are told of in few words where the board has little room, and in none where it has none', async () => {
    say(HELLO.replace('128', '70'), '{"type":"telemetry","seq":1,"boot":7}');
    expect(written).toEqual(['{"type":"error","code":"malformed","seq":1,"fatal":false}']);
    say(HELLO.replace('128', '20'), '{"type":"telemetry","seq":2,"boot":7}');
    expect(written).toHaveLength(1);
    expect(board.counts.untold).toBe(1);
  });
});

describe('uptimes of numbered messages', () => {
  const measured = (seq: number, uptime: number) =>
    `{"type":"telemetry","seq":${seq},"uptime":${uptime},"values":{"n":${seq}}}`;

  it('that were kept for long tell nothing of the clock', () => {
    board.opened();
    // It has been up for an hour, and does not say so.
    say('{"type":"hello","boot":"b1","seq":2}', measured(1, 60_000), measured(2, 120_000));
    expect(datesOf()).toEqual([NOW, NOW]);
    say(measured(3, 3_600_000));
    say(measured(4, 3_600_010));
    expect(datesOf().slice(2)).toEqual([NOW, NOW]);
    board.gone();
    board.opened();
    now += 1_000;
    say('{"type":"hello","boot":"b1","seq":5}', measured(5, 3_599_000));
    // What was told before the cable was pulled still holds.
    expect(datesOf().at(-1)).toBe(NOW - 1_010);
  });

  it('are those of the hello, however old the messages are', () => {
    board.opened();
    say('{"type":"hello","boot":"b1","seq":2,"uptime":3600000}', measured(1, 60_000), measured(2, 120_000));
    expect(datesOf()).toEqual([NOW - 3_540_000, NOW - 3_480_000]);
  });
});

describe('a board with frames', () => {
  const frame = (cbor: Buffer) => {
    const check = Buffer.alloc(4);
    check.writeUInt32LE(crc32(cbor));
    return cobsEncode(Buffer.concat([cbor, check]));
  };
  const hear = (message: object) => board.heard(frame(encodeCbor(message)));
  const told = () =>
    answers
      .map((bytes) => readFrame(bytes.subarray(0, -1)))
      .map((read) => (read !== undefined && 'message' in read ? read.message : read));
  let answers: Buffer[];

  beforeEach(() => {
    answers = [];
    board = new Board({
      codec: () => new CobsCodec(),
      write: (bytes) => answers.push(bytes) > 0,
      keep: async (message) => void kept.push(message),
      numbers: new BoardNumbers([]),
      present: vi.fn(),
      absent: vi.fn(),
      log: (level, text) => logged.push(`${level} ${text}`),
      warn: vi.fn(),
      maxLineBytes: 1_040,
      now: () => now,
    });
    board.opened();
    hear({ type: 'hello', boot: 'c1', seq: 0, oldest: 1 });
    answers = [];
  });

  it.each([
    ['a text that is not UTF-8', (cbor: Buffer) => cbor.write('\xff', cbor.length - 1, 'latin1')],
    ['a value that nobody knows', (cbor: Buffer) => cbor.writeUInt8(0xf0, cbor.length - 6)],
  ])('that says %s is answered, so that what comes after it is acknowledged', async (_, spoil) => {
    hear({ type: 'telemetry', boot: 'c1', seq: 1, values: { n: 1 } });
    const bad = encodeCbor({ type: 'telemetry', boot: 'c1', seq: 2, values: { note: 'hello' } });
    spoil(bad);
    board.heard(frame(bad));
    hear({ type: 'telemetry', boot: 'c1', seq: 3, values: { n: 3 } });
    await turn();
    expect(told()).toMatchObject([
      { type: 'error', code: 'malformed', seq: 2, fatal: false },
      { type: 'ack', boot: 'c1', seq: 3 },
    ]);
    expect(numbersKept()).toEqual(['c1 1', 'c1 3']);
    expect(board.counts.dropped.malformed).toBe(1);
    expect(logged).toEqual([expect.stringMatching(/^warn malformed: message 2: /)]);
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
      board.heard(frame(cbor));
    };
    unfit({ type: 'telemetry', seq: 1, values: { t: 0.1, u: 2, v: 0.2 } });
    unfit({ t: 0.1, u: 3 });
    await turn();
    expect(JSON.parse(kept[0]?.body ?? '').values).toEqual({ t: null, u: 2, v: null });
    expect(kept[1]?.row?.values).toBe('{"t":null,"u":3}');
    expect(told()).toEqual([
      { type: 'reject', seq: 1, code: 'bad_value', metric: 't', row: 0, count: 1 },
      { type: 'reject', seq: 1, code: 'bad_value', metric: 'v', row: 0, count: 1 },
      { type: 'ack', boot: 'c1', seq: 1 },
    ]);
    expect(board.counts.dropped.bad_value).toBe(3);
  });

  it('is not told anything of a frame that the line has spoilt', async () => {
    const spoilt = frame(encodeCbor({ type: 'telemetry', boot: 'c1', seq: 1, values: { note: 'hello' } }));
    spoilt[30] = (spoilt[30] ?? 0) ^ 1;
    board.heard(spoilt);
    await turn();
    expect(told()).toEqual([]);
    expect(board.counts.dropped.bad_crc).toBe(1);
  });

  it('loses nothing to more gaps than the journal remembers', async () => {
    const say = (seq: number) => hear({ type: 'telemetry', boot: 'c1', seq, values: { n: seq } });
    for (let seq = 1; seq <= 199; seq += 2) say(seq);
    await turn();
    expect(told()).toEqual([{ type: 'ack', boot: 'c1', seq: 1 }]);
    expect(board.counts.dropped.ahead).toBeGreaterThan(0);
    // It sends again what it has.
    for (let seq = 2; seq <= 199; seq++) say(seq);
    await turn();
    expect(told().at(-1)).toEqual({ type: 'ack', boot: 'c1', seq: 199 });
    expect(new Set(numbersKept()).size).toBe(199);
    expect(kept).toHaveLength(199);
  });
});

describe('what else a board says', () => {
  it('is its log, the time that it asks for, and nothing', () => {
    board.opened();
    say('', 'boot ok', '{"type":"log","level":"warn","message":"hot"}', '{"a":nan}', '?');
    say('{"type":"time","uptime":5}');
    expect(logged).toEqual(['info boot ok', 'warn hot', 'warn {"a":nan}']);
    expect(written.at(-1)).toBe(`{"type":"time","uptime":5,"time":${NOW}}`);
    board.gone();
  });

  it('is its restart, after which it runs no configuration', async () => {
    board.opened();
    say(HELLO.replace('"caps":["command"]', '"caps":["config"]'));
    const applied = board.config({}, 4);
    say('{"type":"config","version":4,"ok":true}');
    await applied;
    say(HELLO);
    expect(present.at(-1)?.config).toBe(4);
    say(HELLO.replace('b1', 'b2'));
    expect(present.at(-1)).not.toHaveProperty('config');
    expect(logged).toEqual(['info the board has started anew, boot b2']);
  });
});
