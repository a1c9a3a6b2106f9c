import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { devicesCsv } from './save-devices.js';

describe('devicesCsv', () => {
  it('quotes what must be quoted, and lets no text be a formula', () => {
    const device = aDevice('a', {
      name: 'Room "2", north',
      tags: { site: 'north', line: 'B' },
      firmware: '=HYPERLINK("x")',
      lastSeen: 0,
      online: false,
    });
    device.reading(-5, { temperature: -3.5 }, 0);
    expect(devicesCsv([device], 1_000, () => 'temperature')).toBe(
      'id,name,state,profile,tags,metric,value,last_seen,firmware\r\n' +
        `a,"Room ""2"", north",offline,,site=north line=B,temperature,-3.5,1970-01-01T00:00:00.000Z,"'=HYPERLINK(""x"")"\r\n`,
    );
  });
});
