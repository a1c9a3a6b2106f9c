import { describe, expect, it } from 'vitest';
import { BoardNumbers } from './board-numbers.js';

function keep(numbers: BoardNumbers, ...seqs: number[]): void {
  for (const seq of seqs) {
    expect(numbers.take('b', seq)).not.toBe('duplicate');
    numbers.synced('b', seq);
  }
}

describe('the numbers of a board', () => {
  it('are acknowledged when they are on the disk, and each is kept once', () => {
    const numbers = new BoardNumbers([]);
    expect(numbers.take('b', 1)).toBe('new');
    expect(numbers.acknowledged('b')).toBe(0);
    expect(numbers.take('b', 1)).toBe('duplicate');
    numbers.synced('b', 1);
    expect(numbers.acknowledged('b')).toBe(1);
    expect(numbers.take('b', 1)).toBe('duplicate');
  });

  it('pass over a gap, unless the board says that it repeats', () => {
    const numbers = new BoardNumbers([]);
    keep(numbers, 1, 2, 5);
    expect([numbers.acknowledged('b'), numbers.hasGap('b')]).toEqual([5, false]);
    numbers.oldest('b', 2);
    expect([numbers.acknowledged('b'), numbers.hasGap('b')]).toEqual([2, true]);
    expect(numbers.take('b', 3)).toBe('late');
    expect(numbers.hasGap('b')).toBe(true);
    expect(numbers.take('b', 4)).toBe('late');
    // On its way to the disk: nothing has to be asked for.
    expect(numbers.hasGap('b')).toBe(false);
    numbers.synced('b', 3);
    numbers.synced('b', 4);
    expect(numbers.acknowledged('b')).toBe(5);
  });

  it('below the oldest that the board has are lost, and hold nothing up', () => {
    const numbers = new BoardNumbers([]);
    keep(numbers, 1, 4);
    numbers.oldest('b', 3);
    expect(numbers.acknowledged('b')).toBe(2);
    numbers.oldest('b', 9);
    expect([numbers.acknowledged('b'), numbers.hasGap('b')]).toEqual([8, false]);
  });

  it('that could not be kept are not acknowledged, whatever the board repeats', () => {
    const numbers = new BoardNumbers([]);
    keep(numbers, 1, 3);
    numbers.take('b', 4);
    numbers.giveBack('b', 4);
    numbers.take('b', 6);
    numbers.giveBack('b', 6);
    keep(numbers, 7);
    // 2 and 5 never came, 4 and 6 were refused.
    expect(numbers.acknowledged('b')).toBe(3);
    keep(numbers, 4);
    expect(numbers.acknowledged('b')).toBe(4);
    keep(numbers, 6);
    expect(numbers.acknowledged('b')).toBe(4);
    keep(numbers, 5);
    expect(numbers.acknowledged('b')).toBe(7);
  });

  it('are remembered for four boots, and from the disk', () => {
    const numbers = new BoardNumbers([{ boot: 'old', high: 7, gaps: [[3, 4]] }]);
    expect([numbers.take('old', 7), numbers.take('old', 3), numbers.take('old', 8)]).toEqual([
      'duplicate',
      'late',
      'new',
    ]);
    for (const boot of ['1', '2', '3', '4']) numbers.take(boot, 1);
    expect(numbers.take('old', 7)).toBe('new');
  });
});
