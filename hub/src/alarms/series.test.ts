import type { Value } from '@fieldline/journal';
import type { ThresholdProfile } from '@fieldline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breaches, isWell, type Rule, ruleOf } from './rule.js';
import { type Judgement, judge, judgeLate, LATE_US, newSeries, type Series } from './series.js';

const NOTHING: ThresholdProfile = { above: null, below: null, equals: null, hysteresis: 0, forMs: 0 };
const limit = (changes: Partial<ThresholdProfile>) => ruleOf('t', 'alarm', { ...NOTHING, ...changes });

interface Told {
  kind: string;
  since: number;
  at: number;
}

/** Judges as the hub does: a reading that is not newer than all before it is late. */
class Judge {
  readonly told: Told[] = [];
  readonly full: Judgement[] = [];
  series: Series;
  newest = 0;
  isFalling = false;

  constructor(rule: Rule) {
    this.series = newSeries(rule);
  }

  take(time: number, value: Value, receivedAt = time): this {
    const tell = (told: Judgement) => {
      this.full.push(told);
      if (told.kind === 'past') this.told.push({ kind: 'past', since: told.since, at: told.to });
      else if (told.kind === 'cleared')
        this.told.push({ kind: 'cleared', since: told.alarm.since, at: told.at });
      else this.told.push({ kind: told.kind, since: told.alarm.since, at: told.alarm.raisedAt });
    };
    const { isFalling } = this;
    if (time <= this.newest) judgeLate(this.series, { time, receivedAt, isFalling }, value, tell);
    else judge(this.series, time, receivedAt, value, tell);
    this.newest = Math.max(this.newest, time);
    return this;
  }

  /** As after a restart: only what is written survives. */
  restart(): void {
    const { since, worst, open, late } = JSON.parse(JSON.stringify({ ...this.series, rule: null })) as Series;
    this.series = Object.assign(newSeries(this.series.rule), { since, worst, open, late });
  }
}

describe('a series', () => {
  it('raises at once without `for`, and clears with the first value that is well', () => {
    expect(new Judge(limit({ above: 8 })).take(1, 8).take(2, 8.1).take(3, 9).take(4, 8).told).toEqual([
      { kind: 'raised', since: 2, at: 2 },
      { kind: 'cleared', since: 2, at: 4 },
    ]);
  });

  it('waits for its `for`, by the time of the readings; a value that is not beyond starts it anew', () => {
    const judge = new Judge(limit({ above: 8, forMs: 5 }));
    judge.take(1_000, 9).take(5_999, 9).take(6_000, 9).take(7_000, 7);
    expect(judge.told).toEqual([
      { kind: 'raised', since: 1_000, at: 6_000 },
      { kind: 'cleared', since: 1_000, at: 7_000 },
    ]);
    expect(new Judge(limit({ above: 8, forMs: 5 })).take(1, 9).take(4_000, 8).take(5_500, 9).told).toEqual(
      [],
    );
  });

  it('stays raised within the dead band, and does not begin in it', () => {
    const judge = new Judge(limit({ above: 8, hysteresis: 0.5 }));
    judge.take(1, 7.8).take(2, 8.2).take(3, 7.8).take(4, 7.5);
    expect(judge.told.map(({ kind, at }) => [kind, at])).toEqual([
      ['raised', 2],
      ['cleared', 4],
    ]);
    const cold = new Judge(limit({ below: 3.3, hysteresis: 0.1 })).take(1, 3.2).take(2, 3.35).take(3, 3.5);
    expect(cold.told.map(({ kind, at }) => [kind, at])).toEqual([
      ['raised', 1],
      ['cleared', 3],
    ]);
  });

  it('keeps the worst value, on the side that was crossed', () => {
    const judge = new Judge(limit({ above: 8, below: 2 })).take(1, 9).take(2, 11).take(3, 10);
    expect(judge.series.open).toMatchObject({ value: 9, worst: 11 });
    judge.take(4, 5).take(5, 1).take(6, -3).take(7, 0);
    expect(judge.series.open).toMatchObject({ value: 1, worst: -3 });
  });

  it('judges texts and truth values by `equals`', () => {
    expect(
      new Judge(limit({ equals: 'fault' })).take(1, 'idle').take(2, 'fault').take(3, 'idle').told,
    ).toHaveLength(2);
    expect(new Judge(limit({ equals: true })).take(1, false).take(2, true).told).toHaveLength(1);
  });

  it('calls a breach past that is only known from readings which came late, until one comes in time', () => {
    const late = LATE_US + 1;
    const over = new Judge(limit({ above: 8 })).take(1, 9, 1 + late).take(2, 7, 2 + late);
    expect(over.full.map((told) => [told.kind, told.kind !== 'past' && told.alarm.past])).toEqual([
      ['raised', true],
      ['cleared', true],
    ]);
    const goesOn = new Judge(limit({ above: 8 }))
      .take(1, 9, 1 + late)
      .take(2, 9, 2 + late)
      .take(3, 9, 4);
    expect(goesOn.told.map(({ kind }) => kind)).toEqual(['raised', 'confirmed']);
    expect(goesOn.series.open?.past).toBe(false);
  });

  it('tells of the past what comes out of order, and leaves the present alone', () => {
    const judge = new Judge(limit({ above: 8 })).take(100, 5);
    judge.take(10, 9).take(20, 9).take(30, 7).take(40, 7);
    expect(judge.told).toEqual([
      { kind: 'past', since: 10, at: 10 },
      { kind: 'past', since: 10, at: 20 },
      { kind: 'past', since: 10, at: 30 },
    ]);
    expect(judge.series).toMatchObject({ since: 0, open: null, late: null });
  });

  it('tells of one breach where a backlog comes newest first, until something well ends it', () => {
    const judge = new Judge(limit({ above: 8, hysteresis: 1, forMs: 15 })).take(100_000, 5);
    judge.isFalling = true;
    judge.take(90_000, 9).take(80_000, 11).take(70_000, 9).take(60_000, 7.5).take(50_000, 9);
    judge.take(40_000, 6).take(30_000, 9).take(20_000, 7.5).take(10_000, 9);
    expect(judge.told).toEqual([
      { kind: 'past', since: 70_000, at: 90_000 },
      { kind: 'past', since: 50_000, at: 90_000 },
    ]);
    expect(judge.full[1]).toMatchObject({ raisedAt: 90_000, worst: 11 });
    expect(judge.series.late).toMatchObject({ since: 10_000, newest: 10_000, isRaised: false });
  });

  it('does not tell what a raised alarm covers', () => {
    const judge = new Judge(limit({ above: 8 })).take(10, 9).take(50, 9).take(20, 9).take(30, 5);
    expect(judge.told).toEqual([{ kind: 'raised', since: 10, at: 10 }]);
  });
});

/** The same in the plainest way: all readings that were newer than all before them, looked at as one list. */
function naive(rule: Rule, readings: readonly (readonly [number, number])[]): Told[] {
  const inOrder = readings.filter(([time], at) => readings.slice(0, at).every(([before]) => before < time));
  const told: Told[] = [];
  for (let at = 0; at < inOrder.length; at++) {
    let first = at;
    while (
      breaches(rule, inOrder[first]?.[1] ?? 0) &&
      first > 0 &&
      breaches(rule, inOrder[first - 1]?.[1] ?? 0)
    )
      first--;
    const [time, value] = inOrder[at] ?? [0, 0];
    const last = told.at(-1);
    if (last?.kind === 'raised') {
      if (isWell(rule, value)) told.push({ kind: 'cleared', since: last.since, at: time });
    } else if (breaches(rule, value) && time - (inOrder[first]?.[0] ?? 0) >= rule.forUs) {
      told.push({ kind: 'raised', since: inOrder[first]?.[0] ?? 0, at: time });
    }
  }
  return told;
}

const rules = fc.record({
  above: fc.constant(5),
  hysteresis: fc.constantFrom(0, 1),
  forMs: fc.constantFrom(0, 3),
});
const readings = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 3, max: 7 })), {
  maxLength: 40,
});

describe('a series, in any order and with any repetition', () => {
  it('raises and clears as the plain model does; what is late changes nothing of it', () => {
    fc.assert(
      fc.property(rules, readings, (rule, taken) => {
        const scaled = taken.map(([time, value]) => [time * 1_000, value] as const);
        const judge = new Judge(limit(rule));
        for (const [time, value] of scaled) judge.take(time, value);
        const present = judge.told.filter(({ kind }) => kind !== 'past');
        expect(present).toEqual(naive(limit(rule), scaled));
      }),
    );
  });

  it('comes to the same when it is restarted anywhere', () => {
    fc.assert(
      fc.property(rules, readings, fc.array(fc.nat(40)), (rule, taken, restarts) => {
        const [whole, broken] = [new Judge(limit(rule)), new Judge(limit(rule))];
        taken.forEach(([time, value], at) => {
          if (restarts.includes(at)) broken.restart();
          whole.take(time * 1_000, value);
          broken.take(time * 1_000, value);
        });
        expect(broken.told).toEqual(whole.told);
      }),
    );
  });

  it('tells only breaches: each that it calls past begins and ends with a reading, in order', () => {
    fc.assert(
      fc.property(rules, readings, fc.array(fc.boolean()), (rule, taken, falls) => {
        const judge = new Judge(limit(rule));
        taken.forEach(([time, value], at) => {
          judge.isFalling = falls[at] ?? false;
          judge.take(time * 1_000, value);
        });
        for (const told of judge.full) {
          if (told.kind !== 'past') continue;
          expect(told.raisedAt - told.since).toBeGreaterThanOrEqual(rule.forMs * 1_000);
          expect(told.to).toBeGreaterThanOrEqual(told.raisedAt);
          expect(breaches(limit(rule), told.worst)).toBe(true);
        }
      }),
    );
  });
});
