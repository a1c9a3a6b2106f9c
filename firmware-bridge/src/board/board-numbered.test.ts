import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BenchBoard, checked, HELLO, NOW, numbered, numberedOf, turn } from './board.fixture.js';

let bench: BenchBoard;

beforeEach(() => {
  bench = new BenchBoard();
});
afterEach(() => {
  bench.board.gone();
  vi.useRealTimers();
});

describe('numbered messages', () => {
  beforeEach(() => {
    bench.board.opened();
    bench.say(HELLO);
    bench.written.length = 0;
  });

  it('are kept once, and acknowledged each time', async () => {
    bench.say(numbered(1), numbered(2));
    await turn();
    expect(bench.written).toEqual(['{"type":"ack","boot":"b1","seq":2}']);
    bench.say(numbered(1));
    await turn();
    expect(bench.written).toHaveLength(2);
    expect(bench.kept).toHaveLength(2);
    expect(bench.board.counts).toMatchObject({ readings: 2, duplicates: 1 });
  });

  it('are not acknowledged when they could not be kept', async () => {
    bench.isFull = true;
    bench.say(numbered(1));
    await turn();
    bench.isFull = false;
    bench.say(numbered(2));
    await turn();
    expect(bench.written.filter((line) => line.includes('ack'))).toEqual([]);
    bench.say(numbered(1));
    await turn();
    expect(bench.written.at(-1)).toBe('{"type":"ack","boot":"b1","seq":2}');
    bench.board.gone();
  });

  it('that came long ago are asked about: the board may have started anew under the same name', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let seq = 1; seq <= 1_100; seq++) bench.say(numberedOf('b1', seq));
    bench.say(numberedOf('b1', 1_090));
    vi.advanceTimersByTime(20_000);
    expect(bench.questions()).toBe(0);
    bench.say(numberedOf('b1', 2), numberedOf('b1', 3));
    vi.advanceTimersByTime(20_000);
    expect(bench.questions()).toBe(1);
  });

  it('are asked for again while some are missing, but not those of an earlier start', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.say(HELLO.replace('}', ',"oldest":1}'), numbered(1), numbered(3));
    vi.advanceTimersByTime(3_000);
    expect(bench.questions()).toBe(2);
    bench.say(numbered(2));
    vi.advanceTimersByTime(60_000);
    expect(bench.questions()).toBe(2);
    bench.say(numbered(5));
    vi.advanceTimersByTime(60_000);
    // Less and less often, so that a slow line is not full of repetitions.
    expect(bench.questions()).toBeGreaterThan(8);
    expect(bench.questions()).toBeLessThan(13);
    const before = bench.questions();
    bench.say(HELLO.replace('b1', 'b2'));
    vi.advanceTimersByTime(60_000);
    expect(bench.questions()).toBe(before);
  });

  it('are missing as soon as the board says that it has given them', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.say(HELLO.replace('}', ',"seq":2,"oldest":1}'), numbered(1));
    vi.advanceTimersByTime(1_000);
    expect(bench.questions()).toBe(1);
  });

  it('that are none are answered, so that the board goes on', async () => {
    bench.say('{"type":"telemetry","seq":1,"boot":7}', numbered(2));
    await turn();
    expect(JSON.parse(bench.written[0] ?? '')).toMatchObject({ type: 'error', code: 'malformed', seq: 1 });
    expect(bench.written.at(-1)).toBe('{"type":"ack","boot":"b1","seq":2}');
    expect(bench.board.counts.dropped.malformed).toBe(1);
  });

  it('of a type that nobody knows are answered, too', async () => {
    bench.say('{"type":"telemetri","seq":1}', numbered(2));
    await turn();
    expect(JSON.parse(bench.written[0] ?? '')).toMatchObject({ type: 'error', code: 'unknown_type', seq: 1 });
    expect(bench.acks()).toEqual(['b1 2']);
  });

  it('that are no JSON are given up once it is clear that the line did not spoil them', async () => {
    const broken = '{"type":"telemetry","seq":1,"values":{"t":nan}}';
    bench.say(broken);
    await turn();
    expect(bench.written).toEqual([]);
    bench.say(broken);
    await turn();
    expect(JSON.parse(bench.written[0] ?? '')).toMatchObject({ type: 'error', code: 'malformed', seq: 1 });
    expect(bench.acks()).toEqual(['b1 1']);
    bench.say(checked(broken.replace('1', '2')));
    await turn();
    expect(bench.acks()).toEqual(['b1 1', 'b1 2']);
    expect(bench.logged.filter((line) => line.startsWith('warn {'))).toHaveLength(3);
  });

  it('are not given up under another boot than theirs', async () => {
    bench.say('{"type":"telemetry","boot":"b0","seq":5,"clock":1}');
    await turn();
    expect(bench.written).toEqual([]);
    bench.say(HELLO, '{"type":"telemetry","boot":"b0","seq":5,"clock":1}', numbered(5));
    await turn();
    expect(bench.acks().sort()).toEqual(['b0 5', 'b1 5']);
    expect(bench.numbersKept()).toEqual(['b1 5']);
  });

  it('are told of in few words where the board has little room, and in none where it has none', async () => {
    bench.say(HELLO.replace('128', '70'), '{"type":"telemetry","seq":1,"boot":7}');
    expect(bench.written).toEqual(['{"type":"error","code":"malformed","seq":1,"fatal":false}']);
    bench.say(HELLO.replace('128', '20'), '{"type":"telemetry","seq":2,"boot":7}');
    expect(bench.written).toHaveLength(1);
    expect(bench.board.counts.untold).toBe(1);
  });

  it('are not taken for what came before because of an oldest one that was never given', async () => {
    bench.say(HELLO.replace('}', ',"seq":2,"oldest":1000}'), numbered(3));
    await turn();
    expect(bench.numbersKept()).toEqual(['b1 3']);
  });
});

describe('uptimes of numbered messages', () => {
  const measured = (seq: number, uptime: number) =>
    `{"type":"telemetry","seq":${seq},"uptime":${uptime},"values":{"n":${seq}}}`;

  it('that were kept for long tell nothing of the clock', () => {
    bench.board.opened();
    // It has been up for an hour, and does not say so.
    bench.say('{"type":"hello","boot":"b1","seq":2}', measured(1, 60_000), measured(2, 120_000));
    expect(bench.datesOf()).toEqual([NOW, NOW]);
    bench.say(measured(3, 3_600_000));
    bench.say(measured(4, 3_600_010));
    expect(bench.datesOf().slice(2)).toEqual([NOW, NOW]);
    bench.board.gone();
    bench.board.opened();
    bench.now += 1_000;
    bench.say('{"type":"hello","boot":"b1","seq":5}', measured(5, 3_599_000));
    // What was told before the cable was pulled still holds.
    expect(bench.datesOf().at(-1)).toBe(NOW - 1_010);
  });

  it('are those of the hello, however old the messages are', () => {
    bench.board.opened();
    bench.say(
      '{"type":"hello","boot":"b1","seq":2,"uptime":3600000}',
      measured(1, 60_000),
      measured(2, 120_000),
    );
    expect(bench.datesOf()).toEqual([NOW - 3_540_000, NOW - 3_480_000]);
  });

  it('of an earlier start are placed by its own clock, however long ago that was set', () => {
    bench.board.opened();
    bench.say('{"type":"hello","boot":"b0","seq":0,"uptime":1000}');
    bench.now += 2 * 3_600_000;
    const left = measured(5, 5_000).replace('"seq"', '"boot":"b0","seq"');
    bench.say('{"type":"hello","boot":"b1","seq":0,"uptime":10}', left);
    expect(bench.datesOf()).toEqual([NOW + 4_000]);
  });

  it('begin anew with a start under a name that was used before', () => {
    bench.board.opened();
    bench.say('{"type":"hello","boot":"b1","seq":0}', measured(1, 1_000));
    bench.now += 60_000;
    bench.say('{"type":"hello","boot":"b1","seq":0}', measured(1, 2_000));
    expect(bench.datesOf()).toEqual([NOW, NOW + 60_000]);
  });
});
