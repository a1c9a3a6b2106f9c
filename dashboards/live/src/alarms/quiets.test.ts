import type { AlarmQuiet } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { anAlarm } from './alarm.fixture.js';
import { Quiets } from './quiets.js';

const QUIET: AlarmQuiet = {
  ...{ device: 'a', metric: 'temperature', level: 'warn' },
  ...{ from: 0, until: 3_600_000, by: 'mara' },
};

describe('limits that nobody is called about', () => {
  it('are those of the device, the metric and the level', async () => {
    const quiets = new Quiets(async () => [QUIET]);
    const alarm = anAlarm('1', { device: 'a', metric: 'temperature', level: 'warn' });
    expect(quiets.of(alarm)).toBeUndefined();
    await quiets.ask();
    expect(quiets.of(alarm)).toBe(QUIET);
    expect(quiets.of({ ...alarm, level: 'alarm' })).toBeUndefined();
    expect(quiets.of({ ...alarm, device: 'b' })).toBeUndefined();
    expect(quiets.of({ ...alarm, metric: null })).toBeUndefined();
  });

  it('are asked for once by many, and at once when something has changed', async () => {
    let asked = 0;
    let now = 0;
    const quiets = new Quiets(
      async () => {
        asked++;
        return [];
      },
      () => now,
    );
    await Promise.all([quiets.ask(), quiets.ask(), quiets.ask()]);
    expect(asked).toBe(1);
    await quiets.again();
    expect(asked).toBe(2);
    now += 2_000;
    await quiets.ask();
    expect(asked).toBe(3);
  });
});
