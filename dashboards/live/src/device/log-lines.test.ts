import { expect, it } from 'vitest';
import { isWarning, logLines } from './log-lines.js';

it('puts the lines of the device and of its connection in one order', () => {
  const lines = logLines(
    [
      { at: 30, level: 'warn', message: 'brown-out' },
      { at: 10, level: 'info', message: 'up' },
    ],
    [
      { at: 5, event: 'online', reason: 'connected' },
      { at: 20, event: 'offline', reason: 'connection_lost' },
      { at: 25, event: 'offline', reason: 'sleeping' },
      { at: 35, event: 'rebooted', boot: 'b2' },
      { at: 40, event: 'late', from: 20, to: 30, readings: 252 },
    ],
    6,
  );
  expect(lines.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^hub: 252\u00a0readings of .* arrived late/),
    'hub: new boot b2',
    'warn: brown-out',
    'hub: asleep, as announced',
    'hub: offline: connection lost',
    'info: up',
  ]);
  expect(lines.filter(isWarning).map(({ at }) => at)).toEqual([30, 20]);
});
