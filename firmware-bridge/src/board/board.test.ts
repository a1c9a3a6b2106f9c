import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { BoardFacts } from '../hub/board-facts.js';
import { crc16Text } from '../lines/crc16.js';
import type { Outgoing } from '../queue/queue.js';
import { Board } from './board.js';
import { BoardNumbers } from './board-numbers.js';
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
const times = () => kept.map(({ row }) => row?.time);
const turn = () => new Promise((resolve) => setImmediate(resolve));

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
    say(`a=1 *${crc16Text(Buffer.from('a=1'))}`);
    expect(kept).toHaveLength(1);
    board.opened();
    say(HELLO);
    expect(present).toEqual([{ caps: ['command'], rxMax: 128, startedAt: NOW - 1_000 }]);
  });

  it('has no number before it has said what its numbers count within', async () => {
    board.opened();
    say('', numbered(1), numbered(2), HELLO, numbered(2));
    await turn();
    expect(kept.map(({ number }) => number)).toEqual([{ boot: 'b1', seq: 2 }]);
    expect(board.counts.dropped.before_hello).toBe(2);
    expect(written).toContain('{"type":"ack","boot":"b1","seq":2}');
    // Another board may have been plugged in.
    board.gone();
    board.opened();
    say('', numbered(3));
    expect(kept).toHaveLength(1);
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
    vi.useFakeTimers();
    const asked = () => written.filter((line) => line === '?').length;
    say(HELLO.replace('}', ',"oldest":1}'), numbered(1), numbered(3));
    vi.advanceTimersByTime(2_000);
    expect(asked()).toBe(2);
    say(numbered(2));
    vi.advanceTimersByTime(5_000);
    expect(asked()).toBe(2);
    say(numbered(5), HELLO.replace('b1', 'b2'));
    vi.advanceTimersByTime(5_000);
    expect(asked()).toBe(2);
    vi.useRealTimers();
  });

  it('that are none are answered, so that the board goes on', async () => {
    say('{"type":"telemetry","seq":1,"boot":7}', numbered(2));
    await turn();
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ type: 'error', code: 'malformed', seq: 1 });
    expect(written.at(-1)).toBe('{"type":"ack","boot":"b1","seq":2}');
    expect(board.counts.dropped.malformed).toBe(1);
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
