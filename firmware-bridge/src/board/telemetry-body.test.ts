import { describe, expect, it } from 'vitest';
import { BoardClock } from './board-clock.js';
import { telemetryBody } from './telemetry-body.js';

const NOW = 1_795_000_000_000;
const values = { t: 1 };

function body(message: object, isLive = true, clock = new BoardClock()) {
  return JSON.parse(telemetryBody(message, { receivedMs: NOW, clock, isLive }));
}

describe('telemetry as it is kept for the hub', () => {
  it.each([
    [{ values }, { time: NOW, values }],
    [
      { time: 5, uptime: 7, values },
      { time: 5, values },
    ],
    [
      { uptime: 7, values },
      { time: NOW, values },
    ],
    [
      {
        clock: 'uptime',
        rows: [
          [1_000, values],
          [3_000, values],
          ['x', values],
          [4_000, values],
        ],
      },
      {
        rows: [
          [NOW - 3_000, values],
          [NOW - 1_000, values],
          ['x', values],
          [NOW, values],
        ],
      },
    ],
    [{ rows: [[5, values]] }, { rows: [[5, values]] }],
    [
      { uptime: 1_000, dt: [0, 500, 500], columns: { t: [1, 2, 3] } },
      { t0: NOW - 1_000, dt: [0, 500, 500], columns: { t: [1, 2, 3] } },
    ],
    [
      { dt: [0, 500, 500], columns: { t: [1, 2, 3] } },
      { t0: NOW - 1_000, dt: [0, 500, 500], columns: { t: [1, 2, 3] } },
    ],
    [
      { t0: 5, uptime: 7, dt: [0], columns: { t: [1] } },
      { t0: 5, dt: [0], columns: { t: [1] } },
    ],
  ])('%j has the times of its arrival: %j', (message, expected) => {
    expect(body({ type: 'telemetry', seq: 3, boot: 'b', ...message })).toEqual(expected);
  });

  it('that is old is placed by the clock, and does not set it', () => {
    const clock = new BoardClock();
    const rows = {
      clock: 'uptime',
      rows: [
        [1_000, values],
        [4_000, values],
      ],
    };
    expect(body(rows, false, clock).rows.map(([time]: [number]) => time)).toEqual([NOW - 3_000, NOW]);
    expect(clock.isSet).toBe(false);
    clock.observe(3_600_000, NOW);
    expect(body({ uptime: 60_000, values }, false, clock).time).toBe(NOW - 3_540_000);
    expect(body(rows, false, clock).rows[1][0]).toBe(NOW - 3_596_000);
  });
});
