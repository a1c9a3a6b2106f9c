import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Interest, LiveMessage } from '../live/messages.js';
import { MOST_FRAMES, RawFeed } from './raw-feed.js';

let hear: (message: LiveMessage) => void = () => {};
let asked: Interest | undefined;
let feed: RawFeed;

const frame = (text: string, device = 'a'): LiveMessage => {
  return { type: 'raw', device, direction: 'in', frame: text, bytes: text.length, via: 'ws', at: 1_000 };
};
const texts = () => feed.frames.value.map(({ frame: text }) => text);

beforeEach(() => {
  vi.useFakeTimers();
  const subscribe = (interest: Interest, listener: typeof hear) => {
    asked = interest;
    hear = listener;
    return () => {
      asked = undefined;
    };
  };
  feed = new RawFeed({ subscribe }, 'a');
  feed.open();
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

describe('RawFeed', () => {
  it('shows frames of its device, newest first, several at a time', () => {
    expect(asked).toMatchObject({ devices: ['a'], what: ['raw'] });
    hear(frame('1'));
    hear(frame('other', 'b'));
    hear(frame('2'));
    expect(texts()).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(texts()).toEqual(['2', '1']);
    feed.close();
    expect(asked).toBeUndefined();
  });

  it('stands still while paused, says how many wait, and goes on with them', () => {
    feed.pause();
    hear(frame('1'));
    hear(frame('2'));
    vi.advanceTimersByTime(200);
    expect(texts()).toEqual([]);
    expect(feed.held.value).toBe(2);
    feed.pause();
    expect(texts()).toEqual(['2', '1']);
    expect(feed.held.value).toBe(0);
  });

  it('keeps no more than it may, shown or waiting', () => {
    for (let i = 0; i < MOST_FRAMES + 5; i++) hear(frame(String(i)));
    vi.advanceTimersByTime(200);
    expect(texts()).toHaveLength(MOST_FRAMES);
    hear(frame('last'));
    vi.advanceTimersByTime(200);
    expect(texts()).toHaveLength(MOST_FRAMES);
    expect(texts()[0]).toBe('last');
  });

  it('is saved oldest first, a line each', () => {
    hear(frame('{"t":1}'));
    hear(frame('{"t":2}'));
    vi.advanceTimersByTime(200);
    const lines = feed
      .lines()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { time: '1970-01-01T00:00:01.000Z', direction: 'in', frame: '{"t":1}', bytes: 7 },
      { frame: '{"t":2}' },
    ]);
  });
});
