import type { AlarmQuiet } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { anAlarm } from './alarm.fixture.js';
import { Quiets } from './quiets.js';

const QUIET: AlarmQuiet = {
  ...{ device: 'a', metric: 'temperature', level: 'warn' },
  ...{ from: 0, until: 3_600_000, by: 'mara' },
};
const ALARM = anAlarm('1', { device: 'a', metric: 'temperature', level: 'warn' });
const clock = () => 1;

describe('limits that nobody is called about', () => {
  it('are those of the device, the metric and the level', async () => {
    const quiets = new Quiets({ ask: async () => [QUIET], clock });
    expect(quiets.of(ALARM)).toBeUndefined();
    await quiets.ask();
    expect(quiets.of(ALARM)).toBe(QUIET);
    expect(quiets.of({ ...ALARM, level: 'alarm' })).toBeUndefined();
    expect(quiets.of({ ...ALARM, device: 'b' })).toBeUndefined();
    expect(quiets.of({ ...ALARM, metric: null })).toBeUndefined();
  });

  it('are asked for once by many, and at once when something has changed', async () => {
    let asked = 0;
    let now = 0;
    const ask = async () => {
      asked++;
      return [];
    };
    const quiets = new Quiets({ ask, now: () => now });
    await Promise.all([quiets.ask(), quiets.ask(), quiets.ask()]);
    expect(asked).toBe(1);
    await quiets.again();
    expect(asked).toBe(2);
    now += 2_000;
    await quiets.ask();
    expect(asked).toBe(3);
  });

  it('are quiet until their end, also while nobody asks', async () => {
    let now = QUIET.until - 1;
    const quiets = new Quiets({ ask: async () => [QUIET], clock: () => now });
    expect(await quiets.holds(ALARM)).toBe(true);
    now = QUIET.until;
    expect(quiets.of(ALARM)).toBeUndefined();
    expect(await quiets.holds(ALARM)).toBe(false);
  });

  it('keep nobody from being called when the hub does not answer', async () => {
    let isAway = false;
    let now = 0;
    const ask = async () => {
      if (isAway) throw new Error('the hub is away');
      return [QUIET];
    };
    const quiets = new Quiets({ ask, clock, now: () => now });
    expect(await quiets.holds(ALARM)).toBe(true);
    isAway = true;
    now += 2_000;
    expect(await quiets.holds(ALARM)).toBe(false);
    expect(quiets.of(ALARM)).toBe(QUIET);
  });

  it('are those of the last question, and of what was done since', async () => {
    const answers: ((items: readonly AlarmQuiet[]) => void)[] = [];
    const ask = () => new Promise<readonly AlarmQuiet[]>((resolve) => answers.push(resolve));
    const quiets = new Quiets({ ask, clock });
    const [older, newer] = [quiets.again(), quiets.again()];
    answers[1]?.([QUIET]);
    await newer;
    answers[0]?.([]);
    await older;
    expect(quiets.of(ALARM)).toBe(QUIET);

    const before = quiets.again();
    quiets.drop(ALARM);
    answers[2]?.([QUIET]);
    await before;
    expect(quiets.of(ALARM)).toBeUndefined();
    quiets.put(QUIET);
    const moved = { ...QUIET, until: QUIET.until + 1 };
    quiets.put(moved);
    expect(quiets.items.value).toEqual([moved]);
  });
});
