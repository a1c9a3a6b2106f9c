import { applyRange, emptyWatermark, type Watermark } from '@fieldline/journal';
import fc from 'fast-check';
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

  it('are not acknowledged past one that is on its way to the disk', () => {
    const numbers = new BoardNumbers([]);
    numbers.take('b', 1);
    keep(numbers, 2);
    expect(numbers.acknowledged('b')).toBe(0);
    numbers.synced('b', 1);
    expect(numbers.acknowledged('b')).toBe(2);
  });

  it('begin anew under a name that was used before, on the disk, too', () => {
    const numbers = new BoardNumbers([{ boot: 'b', high: 7, gaps: [] }]);
    expect(numbers.greeted('b', 7)).toBe(false);
    numbers.take('b', 8);
    expect(numbers.greeted('b', 2)).toBe(true);
    expect([numbers.nameOf('b'), numbers.take('b', 1), numbers.acknowledged('b')]).toEqual(['b~2', 'new', 0]);
    // What the start before had under way says nothing of this one.
    numbers.synced('b', 8);
    numbers.giveBack('b', 8);
    expect(numbers.acknowledged('b')).toBe(0);
    numbers.synced('b~2', 1);
    expect(numbers.acknowledged('b')).toBe(1);
    const onDisk = [
      { boot: 'b~2', high: 1, gaps: [] },
      { boot: 'b', high: 8, gaps: [] },
    ];
    const later = new BoardNumbers(onDisk);
    expect([later.greeted('b', 1), later.take('b', 1), later.nameOf('b')]).toEqual([
      false,
      'duplicate',
      'b~2',
    ]);
    expect([later.greeted('b', 0), later.nameOf('b')]).toEqual([true, 'b~3']);
  });

  it('of the boots that were heard last are remembered', () => {
    const numbers = new BoardNumbers([]);
    for (const boot of ['b', '1', '2', '3', 'b', '4']) numbers.take(boot, 1);
    expect(numbers.take('b', 1)).toBe('duplicate');
  });

  it('leave no more gaps than the journal remembers, where the board repeats what is missing', () => {
    const numbers = new BoardNumbers([]);
    numbers.oldest('b', 1);
    const standings = Array.from({ length: 100 }, (_, n) => numbers.take('b', 2 * n + 2));
    expect(standings.filter((standing) => standing === 'new')).toHaveLength(32);
    expect(standings.at(-1)).toBe('ahead');
    expect(numbers.hasGap('b')).toBe(true);
    // What fills a gap, or follows, is taken; what splits one is not.
    expect([numbers.take('b', 1), numbers.take('b', 65), numbers.take('b', 70)]).toEqual([
      'late',
      'new',
      'new',
    ]);
    expect([numbers.take('b', 68), numbers.take('b', 66)]).toEqual(['ahead', 'late']);
  });
});

/** A board that keeps what is not acknowledged, a line that loses frames and acknowledgements, and a disk that may fail. */
class LossyLine {
  #disk: Watermark = emptyWatermark('b');
  #numbers = new BoardNumbers([]);
  #onWay: number[] = [];
  #kept: number[] = [];
  #sent = 0;
  readonly stored: number[] = [];
  readonly givenUp = new Set<number>();

  /** The board measures, and the line loses those for which it says so. */
  measure(arrivals: readonly boolean[]): void {
    for (const arrives of arrivals) {
      this.#kept.push(++this.#sent);
      if (arrives) this.#arrive(this.#sent);
    }
  }

  /** The board says hello, and sends again what it has. */
  hello(arrivals: readonly boolean[]): void {
    expect(this.#numbers.greeted('b', this.#sent)).toBe(false);
    this.#numbers.oldest('b', this.#kept[0] ?? this.#sent + 1);
    for (const [index, seq] of this.#kept.entries()) if (arrivals[index % arrivals.length]) this.#arrive(seq);
  }

  /** The disk has taken, or refused, what was on its way. */
  settle(isKept: boolean): void {
    for (const seq of this.#onWay.splice(0)) {
      if (isKept) this.#write(seq);
      if (isKept) this.#numbers.synced('b', seq);
      else this.#numbers.giveBack('b', seq);
    }
  }

  acknowledge(arrives: boolean): void {
    const upTo = this.#numbers.acknowledged('b');
    const stored = new Set(this.stored);
    const lost = this.#kept.filter((seq) => seq <= upTo && !stored.has(seq));
    expect(lost).toEqual([]);
    if (arrives) this.#kept = this.#kept.filter((seq) => seq > upTo);
  }

  /** The board has no room for its oldest readings. */
  overflow(count: number): void {
    for (const seq of this.#kept.splice(0, count)) this.givenUp.add(seq);
  }

  /** The bridge is killed, before or after the disk has what was on its way, and starts again. */
  restart(isWritten: boolean): void {
    for (const seq of this.#onWay.splice(0)) if (isWritten) this.#write(seq);
    this.#numbers = new BoardNumbers([this.#disk]);
    this.hello([false]);
  }

  /** Nothing is lost any more: all that the board has arrives in the end. */
  finish(): number[] {
    for (let turn = 0; this.#kept.length > 0 && turn < 20; turn++) {
      this.hello([true]);
      this.settle(true);
      this.acknowledge(true);
    }
    return this.#kept;
  }

  get sent(): number {
    return this.#sent;
  }

  #arrive(seq: number): void {
    const standing = this.#numbers.take('b', seq);
    if (standing === 'new' || standing === 'late') this.#onWay.push(seq);
  }

  #write(seq: number): void {
    this.#disk = applyRange(this.#disk, seq, seq);
    this.stored.push(seq);
  }
}

it('lose nothing that the board still has, and double nothing, whatever the line and the disk do', () => {
  const arrivals = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
  const step = fc.oneof(
    arrivals.map((list) => (line: LossyLine) => line.measure(list)),
    arrivals.map((list) => (line: LossyLine) => line.hello(list)),
    fc.boolean().map((isKept) => (line: LossyLine) => line.settle(isKept)),
    fc.boolean().map((arrives) => (line: LossyLine) => line.acknowledge(arrives)),
    fc.boolean().map((isWritten) => (line: LossyLine) => line.restart(isWritten)),
    fc.nat(10).map((count) => (line: LossyLine) => line.overflow(count)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const line = new LossyLine();
      line.hello([true]);
      for (const take of steps) take(line);
      expect(line.finish()).toEqual([]);
      const stored = new Set(line.stored);
      expect(stored.size).toBe(line.stored.length);
      for (let seq = 1; seq <= line.sent; seq++) expect(stored.has(seq) || line.givenUp.has(seq)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
