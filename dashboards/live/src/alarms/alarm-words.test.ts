import type { AlarmLimit } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { lookOf } from '../format/metric.js';
import { anAlarm } from './alarm.fixture.js';
import { byNeed, clearWords, whatWords } from './alarm-words.js';

const look = lookOf('temperature', undefined, {
  ...{ type: 'number', unit: 'Cel', title: 'Air', decimals: 1 },
});
const door = lookOf('door', undefined, { type: 'boolean', title: 'Door open' });
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('an alarm in words', () => {
  it.each<[AlarmLimit, string, string]>([
    [{ above: 8, for: 0 }, 'Air above 8.0 °C', 'at 8.0 °C or lower'],
    [{ above: 8, hysteresis: 0.1, for: 300_000 }, 'Air above 8.0 °C for 5 min', 'at 7.9 °C or lower'],
    [{ below: 3.3, hysteresis: 0.1, for: 0 }, 'Air below 3.3 °C', 'at 3.4 °C or higher'],
    [{ above: 8, below: 2, hysteresis: 1, for: 0 }, 'Air below 2.0 °C or above 8.0 °C', '3.0 °C to 7.0 °C'],
  ])('tells limits of numbers: %o', (limit, what, clears) => {
    expect(plain(whatWords(limit, look))).toBe(what);
    expect(plain(clearWords(limit, look))).toBe(clears);
  });

  it('tells states, and silence', () => {
    const limit = { equals: true, for: 300_000 };
    expect(plain(whatWords(limit, door))).toMatch(/^Door open .+ for 5 min$/);
    expect(plain(clearWords(limit, door))).toMatch(/^any other than /);
    expect(plain(whatWords({ silence: 30_000, for: 0 }, null))).toBe('No reading for 30 s');
    expect(clearWords({ silence: 30_000, for: 0 }, null)).toBe('a reading');
  });

  it('stands first where nobody has seen it, then by severity, then by age', () => {
    const seen = { state: 'acknowledged', acknowledgedAt: 1 } as const;
    const alarms = [
      anAlarm('6', { level: 'alarm', ...seen }),
      anAlarm('5', { level: 'stale' }),
      anAlarm('1', { level: 'warn' }),
      anAlarm('2', { level: 'warn' }),
      anAlarm('3', { level: 'alarm' }),
    ];
    expect(alarms.sort(byNeed).map(({ id }) => id)).toEqual(['3', '2', '1', '5', '6']);
  });
});
