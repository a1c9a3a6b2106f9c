import { describe, expect, it } from 'vitest';
import { FLAG } from './flags.js';
import { deviceOf, ingestOf, NotingOrigin, profileOf } from './ingest.fixture.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const PROFILE = profileOf(`
profile: env
title: Environment
mode: strict
metrics:
  temperature: { type: number, min: -40, max: 125 }
  count: { type: integer }
  door: { type: boolean }
`);

/** Sends telemetry as a session would, and hands back what the next sync would write. */
function bench(profile?: typeof PROFILE, limits = {}) {
  const parts = ingestOf(limits);
  const device = deviceOf('esp-1', profile);
  const origin = new NotingOrigin();
  const send = (message: object, boot: string | null = 'b1') =>
    parts.ingest.telemetry(device, origin, 'ws', message, boot, NOW);
  const batch = async () => {
    const append = await parts.journal.next();
    append.succeed();
    return append.batch;
  };
  return { ...parts, device, origin, send, batch };
}

describe('the three shapes of telemetry', () => {
  it('gives the same readings', async () => {
    const { send, batch } = bench();
    send({ seq: 1, time: NOW, values: { t: 1, d: true } });
    send({
      seq: 2,
      rows: [
        [NOW + 1, { t: 2 }],
        [NOW + 2, { t: 3, s: 'x' }],
      ],
    });
    send({ seq: 3, t0: NOW, dt: [10, 5], columns: { t: [4, 5], h: [40, null] } });
    const { readings, ranges } = await batch();
    expect(readings.map(({ seq, time, values }) => [seq, time / 1000 - NOW, values])).toEqual([
      [1, 0, { t: 1, d: true }],
      [2, 1, { t: 2 }],
      [2, 2, { t: 3, s: 'x' }],
      [3, 10, { t: 4, h: 40 }],
      [3, 15, { t: 5 }],
    ]);
    expect(ranges.map(({ boot, first, last }) => [boot, first, last])).toEqual([['b1', 1, 3]]);
  });

  it('says of columns without any time that they are stamped', async () => {
    const { send, batch } = bench();
    send({ seq: 1, dt: [0, 100], columns: { t: [1, 2] } });
    const { readings } = await batch();
    expect(readings.map(({ time, flags }) => [time / 1000 - NOW, flags])).toEqual([
      [-100, FLAG.stamped],
      [0, FLAG.stamped],
    ]);
  });

  it('maps no uptime into the future, in whatever order the rows stand', async () => {
    const { send, batch } = bench();
    const rows = [5_000, 4_000].map((uptime) => [uptime, { t: uptime }]);
    send({ seq: 1, clock: 'uptime', rows });
    expect((await batch()).readings.map(({ time }) => time / 1000 - NOW)).toEqual([0, -1_000]);
  });

  it('maps an uptime without a boot by itself, not by a boot of before', async () => {
    const { send, batch, device, ingest } = bench();
    device.boot = 'b0';
    ingest.boot(device, 'b0').clock.observe(1_000, NOW - 600_000);
    send({ uptime: 5_000, values: { t: 1 } }, null);
    expect((await batch()).readings[0]?.time).toBe(NOW * 1000);
  });

  it('stamps what has no time, and maps uptimes', async () => {
    const { send, batch } = bench();
    send({ seq: 1, values: { t: 1 } });
    send({ seq: 2, uptime: 5_000, values: { u: 1 } });
    send({
      seq: 3,
      clock: 'uptime',
      rows: [
        [1_000, { v: 1 }],
        [5_000, { v: 2 }],
      ],
    });
    const { readings } = await batch();
    expect(readings.map(({ time, flags }) => [time / 1000 - NOW, flags])).toEqual([
      [0, FLAG.stamped],
      [0, FLAG.uptime],
      [-4_000, FLAG.uptime],
      [0, FLAG.uptime],
    ]);
  });
});

describe('rejects', () => {
  const codeOf = (message: object, limits = {}) => {
    const { send, quarantine } = bench(PROFILE, limits);
    const outcome = send({ seq: 1, time: NOW, ...message });
    expect(quarantine.length).toBe(outcome.rejects?.reduce((sum, { count }) => sum + count, 0) ?? 0);
    return (outcome.rejects ?? []).map(({ code, metric, row, count }) => ({ code, metric, row, count }));
  };

  it.each([
    ['unknown_metric', { values: { pressure: 1 } }],
    ['bad_metric_name', { values: JSON.parse('{"__proto__": 1}') }],
    ['bad_metric_name', { values: { time: 1 } }],
    ['bad_value', { values: { temperature: Number.POSITIVE_INFINITY } }],
    ['bad_value', { values: { temperature: { deep: 1 } } }],
    ['type_conflict', { values: { temperature: 'warm' } }],
    ['type_conflict', { values: { count: 1.5 } }],
    ['out_of_range', { values: { temperature: 126 } }],
    ['bad_time', { time: 1.5, values: { temperature: 1 } }],
    ['bad_time', { time: -1, values: { temperature: 1 } }],
    ['malformed', { values: undefined }],
    ['malformed', { rows: [[NOW]], values: undefined }],
    ['malformed', { dt: [0], columns: { temperature: [1, 2] }, values: undefined }],
  ])('%s', (code, message) => {
    expect(codeOf(message).map((reject) => reject.code)).toEqual([code]);
  });

  it('too_large and too_many_metrics follow the limits', () => {
    const rows = [NOW, NOW].map((time) => [time, { temperature: 1 }]);
    expect(codeOf({ rows, values: undefined }, { rowsPerMessage: 1 })[0]?.code).toBe('too_large');
    const values = { temperature: 1, count: 1, door: true };
    expect(codeOf({ values }, { metricsPerReading: 2 })).toEqual([
      { code: 'too_many_metrics', metric: 'door', row: 0, count: 1 },
    ]);
  });

  it('are one per metric and code, with the first row and the count; the rest is stored', async () => {
    const { send, batch } = bench();
    const outcome = send({ seq: 1, t0: NOW, dt: [0, 1, 2], columns: { a: [1, 'x', 'y'], b: [1, 2, 3] } });
    expect(outcome.rejects).toMatchObject([{ metric: 'a', code: 'type_conflict', row: 1, count: 2 }]);
    expect((await batch()).readings.map(({ values }) => values)).toEqual([
      { a: 1, b: 1 },
      { b: 2 },
      { b: 3 },
    ]);
  });

  it('keep in the quarantine what was measured, also where the time is bad', () => {
    const { send, quarantine } = bench();
    send({ seq: 1, rows: [[-1, { t: 1 }]] });
    send({ seq: 2, t0: NOW, dt: [0, 0.5], columns: { t: [1, 2] } });
    send({ seq: 3, t0: NOW, dt: [0], columns: { t: [1, 2] } });
    expect(quarantine.map(({ code, value }) => [code, value])).toEqual([
      ['bad_time', [-1, { t: 1 }]],
      ['bad_time', { dt: [0, 0.5], columns: { t: [1, 2] } }],
      ['malformed', [1, 2]],
    ]);
  });

  it('are in the quarantine before the batch of their message is written', () => {
    const { send, journal, prepared } = bench();
    send({ seq: 1, values: { t: 1 } });
    for (let seq = 2; seq <= 1_001; seq++)
      send({ seq, values: { t: 'a batch that is full is written at once' } });
    const [{ batch } = expect.fail('nothing was written')] = journal.pending;
    expect(prepared[0]).toBe((batch.ranges[0]?.last ?? 0) - 1);
  });

  it('follow a strict profile that came after the metric, and its types', () => {
    const { send, device } = bench();
    send({ seq: 1, values: { pressure: 1, temperature: 'warm' } });
    device.setProfile(PROFILE);
    const outcome = send({ seq: 2, values: { pressure: 1, temperature: 'warm', count: 1 } });
    expect(outcome.rejects).toMatchObject([
      { metric: 'pressure', code: 'unknown_metric' },
      {
        metric: 'temperature',
        code: 'type_conflict',
        message: 'number expected (by the profile), got string',
      },
    ]);
    expect(send({ seq: 3, values: { temperature: 20 } }).rejects).toBeNull();
  });

  it('never touch Object.prototype', () => {
    const { send } = bench();
    send({ seq: 1, values: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a bad name of a metric', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'time'])('is told that it is reserved: %s', (name) => {
    const { send } = bench();
    const outcome = send({ seq: 1, values: JSON.parse(`{"${name}": 1}`) });
    expect(outcome.rejects).toMatchObject([{ metric: name, message: 'this name is reserved' }]);
  });

  it.each(['no name', '1st', 'x'.repeat(65)])('is told the rule: %s', (name) => {
    const { send } = bench();
    const outcome = send({ seq: 1, values: { [name]: 1 } });
    expect(outcome.rejects).toMatchObject([
      { metric: name, message: '1 to 64 letters, digits, _ . -, beginning with a letter or _' },
    ]);
  });
});

describe('dedupe', () => {
  it('stores a message once, and asks for its ack again', async () => {
    const { send, batch, origin, device } = bench();
    send({ seq: 1, values: { t: 1 } });
    expect(send({ seq: 1, values: { t: 1 } }).kind).toBe('duplicate');
    expect((await batch()).readings).toHaveLength(1);
    expect(origin.due).toEqual(['b1']);
    expect(device.counters.duplicates).toBe(1);
  });

  it('stores a late number that falls into a gap, and counts the gap', async () => {
    const { send, batch, device } = bench();
    for (const seq of [1, 2, 5]) send({ seq, values: { t: seq } });
    expect(device.counters.gaps).toBe(2);
    expect(send({ seq: 3, values: { t: 3 } }).kind).toBe('accepted');
    expect(send({ seq: 3, values: { t: 3 } }).kind).toBe('duplicate');
    expect((await batch()).readings.map(({ seq }) => seq)).toEqual([1, 2, 5, 3]);
  });

  it('keeps boots apart, and takes no number without a boot for one', async () => {
    const { send, batch } = bench();
    send({ seq: 1, values: { t: 1 } });
    send({ seq: 1, boot: 'b2', values: { t: 2 } });
    send({ seq: 1, values: { t: 3 } }, null);
    send({ seq: 1, values: { t: 4 } }, null);
    const { readings, ranges } = await batch();
    expect(readings).toHaveLength(4);
    expect(ranges.map(({ boot }) => boot)).toEqual(['b1', 'b2']);
  });

  it('of a boot that memory has forgotten goes by the journal', () => {
    const { send, journal, device, ingest } = bench();
    for (let n = 1; n <= 5; n++) ingest.boot(device, `b${n}`);
    journal.marks = [{ boot: 'b1', high: 3, gaps: [] }];
    expect(send({ seq: 3, values: { t: 1 } }).kind).toBe('duplicate');
    expect(send({ seq: 4, values: { t: 1 } }).kind).toBe('accepted');
  });

  it('forgets no boot of which messages wait for their sync', () => {
    const { send } = bench();
    for (let n = 1; n <= 6; n++) send({ seq: 1, values: { t: n } }, `b${n}`);
    for (let n = 1; n <= 6; n++) {
      expect(send({ seq: 1, values: { t: n } }, `b${n}`).kind).toBe('duplicate');
    }
  });

  it('tells who sent a duplicate when the original of another origin is on disk', async () => {
    const { send, batch, ingest, device, commit } = bench();
    const other = new NotingOrigin();
    send({ seq: 1, values: { t: 1 } });
    ingest.telemetry(device, other, 'http', { seq: 1, values: { t: 1 } }, 'b1', NOW);
    expect(other.due).toEqual(['b1']);
    await batch();
    await commit.drain();
    expect(other.due).toEqual(['b1', 'b1']);
  });

  it('covers a message of which nothing was good', async () => {
    const { send, batch } = bench(PROFILE);
    send({ seq: 7, values: { nothing: 1 } });
    expect(await batch()).toMatchObject({ readings: [], ranges: [{ first: 7, last: 7 }] });
  });
});
