import { describe, expect, it } from 'vitest';
import { system as words } from '../strings.js';
import type { Health, WatchedSink } from './health.js';
import { share, troubles } from './trouble.js';

const NOW = 1_000_000;
const NBSP = '\u00a0';
const SINK: WatchedSink = {
  name: 'influx',
  state: 'running',
  lag: 0,
  oldest: null,
  written: 0,
  skipped: 0,
  since: 0,
  perSecond: 0,
};

function health(journal: Partial<Health['journal']> = {}, ...sinks: Partial<WatchedSink>[]): Health {
  return {
    at: NOW,
    journal: { bytes: 1, maxBytes: 100, segments: 1, damaged: 0, trouble: null, ...journal },
    sinks: sinks.map((sink) => ({ ...SINK, ...sink })),
  };
}

const kinds = (of: Health) => troubles(of, NOW).map(({ kind, grade }) => `${kind} ${grade}`);

describe('troubles', () => {
  it('are none while everything runs, however far behind a sink is', () => {
    expect(kinds(health({}, { lag: 1e6, oldest: 0 }, { state: 'starting' }))).toEqual([]);
  });

  it('begin when a sink has been away for some seconds', () => {
    const away = { state: 'retrying', since: NOW - 4_999 } as const;
    expect(kinds(health({}, away))).toEqual([]);
    expect(kinds(health({}, { ...away, since: NOW - 5_000 }))).toEqual(['sink warn']);
  });

  it('come with the worst first', () => {
    const away = { state: 'retrying', name: 'mqtt' } as const;
    const held = { state: 'holding' } as const;
    expect(kinds(health({ bytes: 85 }, away, held))).toEqual(['sink alarm', 'sink warn', 'filling warn']);
    expect(kinds(health({ bytes: 96 }, away))).toEqual(['filling alarm', 'sink warn']);
    expect(kinds(health({ bytes: 100, trouble: 'journal_full' }, held))).toEqual([
      'journal alarm',
      'sink alarm',
    ]);
  });

  it('are told with what waits and what is lost', () => {
    const sink = { ...SINK, state: 'retrying', lag: 1_234, oldest: NOW - 38 * 60_000 } as const;
    const trouble = { kind: 'sink', sink, grade: 'warn' } as const;
    expect(words.stripHead(trouble)).toBe('InfluxDB is away.');
    expect(words.stripBody(trouble, NOW)).toBe(
      `1,234${NBSP}readings wait in the journal, the oldest for 38${NBSP}min. Nothing is lost. Live values go on.`,
    );
    const lost = { ...trouble, sink: { ...sink, name: 'mqtt', skipped: 1 } };
    expect(words.stripBody(lost, NOW)).toContain(`It will never get 1${NBSP}reading that was skipped.`);
    expect(words.stripBody({ kind: 'journal', code: 'new_code', grade: 'alarm' }, NOW)).toContain(
      'Devices wait',
    );
  });
});

describe('share', () => {
  it('is between 0 and 1', () => {
    expect(share({ bytes: 5, maxBytes: 10 })).toBe(0.5);
    expect(share({ bytes: 15, maxBytes: 10 })).toBe(1);
    expect(share({ bytes: 5, maxBytes: 0 })).toBe(0);
  });
});
