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

describe('a board that was just opened', () => {
  it('is asked for its hello, and what may be half a line is dropped', () => {
    bench.board.opened();
    expect(bench.written).toEqual(['?']);
    bench.say('erature=2', 'temperature=21.5');
    expect(bench.kept).toEqual([{ row: { time: NOW, values: '{"temperature":21.5}' } }]);
    expect(bench.board.counts).toMatchObject({ openings: 1, readings: 1, dropped: { half: 1 } });
  });

  it('is believed when its first line has a right check, or is its hello', () => {
    bench.board.opened();
    bench.say(checked('a=1'));
    expect(bench.kept).toHaveLength(1);
    bench.board.opened();
    bench.say(HELLO);
    expect(bench.present).toEqual([{ caps: ['command'], rxMax: 128, startedAt: NOW - 1_000 }]);
  });

  it('has no number before it has said hello, which it is asked for again each second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.board.opened();
    const own = numberedOf('b1', 2);
    bench.say('', numbered(1), own);
    vi.advanceTimersByTime(5_000);
    expect(bench.questions()).toBe(6);
    expect(bench.present).toHaveLength(1);
    bench.say(numbered(1), own, HELLO, numbered(1), own);
    await turn();
    expect(bench.numbersKept()).toEqual(['b1 1', 'b1 2']);
    expect(bench.board.counts.dropped.before_hello).toBe(4);
    expect(bench.acks()).toEqual(['b1 2']);
    vi.advanceTimersByTime(60_000);
    expect(bench.questions()).toBe(6);
    // Another board may have been plugged in.
    bench.board.gone();
    bench.board.opened();
    bench.say('', numbered(3), numberedOf('b1', 3));
    expect(bench.kept).toHaveLength(2);
  });

  it('and says no hello is asked less and less, and its readings are taken', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.board.opened();
    bench.say('', 'n=1');
    vi.advanceTimersByTime(1_500);
    expect(bench.present).toEqual([{ caps: [] }]);
    vi.advanceTimersByTime(600_000);
    expect(bench.questions()).toBeGreaterThan(10);
    expect(bench.questions()).toBeLessThan(20);
    bench.say('n=2');
    expect(bench.kept.map(({ row }) => row?.values)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('and numbers its messages without ever saying hello is believed after a while', async () => {
    bench.board.opened();
    const own = numberedOf('b7', 1);
    bench.say('', numbered(1), own);
    bench.now += 15_000;
    bench.say(numbered(1), own);
    await turn();
    expect(bench.kept.map(({ number }) => number)).toEqual([undefined, { boot: 'b7', seq: 1 }]);
    expect(bench.acks()).toEqual(['b7 1']);
    bench.board.gone();
  });

  it('is asked with a check once it has them', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.board.opened();
    bench.say('', checked('n=1'));
    vi.advanceTimersByTime(1_000);
    expect(bench.written).toEqual(['?', checked('?')]);
    bench.board.gone();
    bench.board.opened();
    expect(bench.written.at(-1)).toBe('?');
  });
});

describe('a board that starts anew', () => {
  beforeEach(() => {
    bench.board.opened();
    bench.say(HELLO);
  });

  it('and whose hello is lost has no number before the next one', async () => {
    bench.say(numbered(1));
    const own = numberedOf('b2', 1);
    bench.say(own);
    expect(bench.board.counts.dropped.before_hello).toBe(1);
    bench.say(HELLO.replace('b1', 'b2'), own);
    await turn();
    expect(bench.numbersKept()).toEqual(['b1 1', 'b2 1']);
  });

  it('and sends what an earlier start has left is heard after a hello', async () => {
    const left = numberedOf('b0', 9);
    bench.say(left, HELLO, left);
    await turn();
    expect(bench.numbersKept()).toEqual(['b0 9']);
    expect(bench.acks()).toEqual(['b0 9']);
  });

  it('is asked who it is when it repeats a number that is kept', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    bench.say(numbered(1), numbered(1), numbered(1));
    vi.advanceTimersByTime(60_000);
    expect(bench.questions()).toBe(2);
    bench.say(numbered(1), HELLO);
    vi.advanceTimersByTime(60_000);
    expect(bench.questions()).toBe(2);
  });

  it('under a name that was used before is heard, and named in the log', async () => {
    bench.say(
      numbered(1),
      numbered(2),
      HELLO.replace('}', ',"seq":0}'),
      numbered(1),
      numbered(2),
      numbered(2),
    );
    await turn();
    expect(bench.kept.map(({ body }) => JSON.parse(body ?? '').values.n)).toEqual([1, 2, 1, 2]);
    expect(bench.numbersKept()).toEqual(['b1 1', 'b1 2', 'b1~2 1', 'b1~2 2']);
    expect(bench.acks().at(-1)).toBe('b1 2');
    expect(bench.logged).toEqual([expect.stringMatching(/^warn boot_reused: .*b1/)]);
  });
});

describe('times', () => {
  it('are those of the line, or of the uptime', () => {
    bench.board.opened();
    bench.say('', 'a=1');
    bench.now += 1_000;
    bench.say('a=1 @5000');
    bench.now += 1_200;
    // It was held up for 200 ms.
    bench.say('a=1 @6000');
    expect(bench.times()).toEqual([NOW, NOW + 1_000, NOW + 2_000]);
  });

  it('begin anew with a board that restarts without a word', () => {
    bench.board.opened();
    bench.say('', 'a=1 @3600000');
    bench.now += 5_000;
    bench.say('a=1 @20');
    expect(bench.times()).toEqual([NOW, NOW + 5_000]);
  });

  it('begin anew with an opening, since another board may be plugged in', () => {
    bench.board.opened();
    bench.say('', 'a=1 @1000');
    bench.board.gone();
    bench.now += 60_000;
    bench.board.opened();
    bench.say('', 'a=1 @2000');
    expect(bench.times()).toEqual([NOW, NOW + 60_000]);
  });

  it('go on over the wrap of a 32-bit counter', () => {
    bench.board.opened();
    bench.say('', `a=1 @${2 ** 32 - 500}`);
    bench.now += 1_000;
    bench.say('a=1 @500');
    expect(bench.times()).toEqual([NOW, NOW + 1_000]);
  });
});

describe('what else a board says', () => {
  it('is its log, the time that it asks for, and nothing', () => {
    bench.board.opened();
    bench.say('', 'boot ok', '{"type":"log","level":"warn","message":"hot"}', '{"a":nan}', '?');
    bench.say('{"type":"time","uptime":5}');
    expect(bench.logged).toEqual(['info boot ok', 'warn hot', 'warn {"a":nan}']);
    expect(bench.written.at(-1)).toBe(`{"type":"time","uptime":5,"time":${NOW}}`);
    bench.board.gone();
  });

  it('is its restart, after which it runs no configuration', async () => {
    bench.board.opened();
    bench.say(HELLO.replace('"caps":["command"]', '"caps":["config"]'));
    const applied = bench.board.config({}, 4);
    bench.say('{"type":"config","version":4,"ok":true}');
    await applied;
    bench.say(HELLO);
    expect(bench.present.at(-1)?.config).toBe(4);
    bench.say(HELLO.replace('b1', 'b2'));
    expect(bench.present.at(-1)).not.toHaveProperty('config');
    expect(bench.logged).toEqual(['info the board has started anew, boot b2']);
  });
});
