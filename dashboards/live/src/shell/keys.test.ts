import { describe, expect, it } from 'vitest';
import { KeyReader } from './keys.js';

const press = (key: string, timeStamp: number, rest: { ctrlKey?: boolean; metaKey?: boolean } = {}) => ({
  key,
  timeStamp,
  ctrlKey: false,
  metaKey: false,
  ...rest,
});

describe('KeyReader', () => {
  it('reads a letter after the leader as one, and not as the letter alone', () => {
    const keys = new KeyReader();
    expect(keys.read(press('g', 0), false)).toBeUndefined();
    expect(keys.read(press('c', 300), false)).toBe('g c');
    expect(keys.read(press('c', 600), false)).toBe('c');
  });

  it('forgets a leader that nothing followed', () => {
    const keys = new KeyReader();
    keys.read(press('g', 0), false);
    expect(keys.read(press('c', 2_000), false)).toBe('c');
  });

  it('takes a shifted key for what it types', () => {
    const keys = new KeyReader();
    keys.read(press('g', 0), false);
    expect(keys.read(press('Shift', 100), false)).toBeUndefined();
    expect(keys.read(press('?', 200), false)).toBe('g ?');
    expect(keys.read(press('?', 300), false)).toBe('?');
  });

  it('leaves text alone, but for what is pressed with Control or the command key', () => {
    const keys = new KeyReader();
    expect(keys.read(press('j', 0), true)).toBeUndefined();
    expect(keys.read(press('k', 1, { ctrlKey: true }), true)).toBe('Control k');
    expect(keys.read(press('k', 2, { metaKey: true }), false)).toBe('Control k');
  });
});
