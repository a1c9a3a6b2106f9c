import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { Quarantine } from './quarantine.js';
import { KEPT_PER_DEVICE, MAX_WAITING } from './recent-rows.js';
import { codeOf, TestState } from './state.fixture.js';

let state: TestState;
let registry: Registry;
let quarantine: Quarantine;

beforeEach(() => {
  state = new TestState();
  registry = Registry.open(state.file);
  registry.create({ id: 'a' });
  registry.create({ id: 'b' });
  quarantine = new Quarantine(state.file);
});

afterEach(() => {
  state.remove();
});

const refused = {
  metric: 'm',
  value: 'warm',
  code: 'type_conflict',
  message: 'number expected',
  source: 'ws',
};

function times(device: string): number[] {
  return quarantine.list(device, { limit: 5_000 }).items.map(({ time }) => time);
}

describe('Quarantine', () => {
  it('gives back what it was given, newest first, after a restart too', () => {
    const first = { device: 'a', time: 1, ...refused };
    const second = { device: 'a', time: 2, ...refused, metric: null, value: { raw: '{"t":nan}' } };
    quarantine.add(first);
    quarantine.flush();
    quarantine.add(second);
    quarantine.flush();
    quarantine = new Quarantine(state.reopen());
    expect(quarantine.list('a', { limit: 10 }).items).toMatchObject([
      { time: 2, metric: null, value: { raw: '{"t":nan}' }, code: 'type_conflict', source: 'ws' },
      { time: 1, metric: 'm', value: 'warm', message: 'number expected' },
    ]);
    expect(quarantine.list('b', { limit: 10 })).toEqual({ items: [], next: null });
  });

  it('pages without gaps and repeats, also while items come in', () => {
    for (let time = 1; time <= 25; time += 1) quarantine.add({ device: 'a', time, ...refused });
    const seen: number[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = quarantine.list('a', cursor === undefined ? { limit: 10 } : { limit: 10, cursor });
      seen.push(...page.items.map(({ time }) => time));
      if (page.next === null) break;
      cursor = page.next;
      quarantine.add({ device: 'a', time: 1_000, ...refused });
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
  });

  it.each(['', 'nonsense', 'LTE', Buffer.from('99999999999999999').toString('base64url')])(
    'refuses the cursor %j',
    (cursor) => {
      expect(codeOf(() => quarantine.list('a', { limit: 10, cursor }))).toBe('bad_cursor');
    },
  );

  it('keeps the newest 1,000 of each device', () => {
    quarantine.add({ device: 'b', time: 7, ...refused });
    for (let time = 1; time <= KEPT_PER_DEVICE + 300; time += 1) {
      quarantine.add({ device: 'a', time, ...refused });
      if (time % 400 === 0) quarantine.flush();
    }
    expect(times('a')).toHaveLength(KEPT_PER_DEVICE);
    expect(times('a').at(-1)).toBe(301);
    expect(times('b')).toEqual([7]);
    quarantine = new Quarantine(state.reopen());
    quarantine.add({ device: 'a', time: 9_999, ...refused });
    expect(times('a')).toHaveLength(KEPT_PER_DEVICE);
    expect(times('a').at(0)).toBe(9_999);
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [12n, '12'],
    [undefined, null],
    [{ a: [1, Number.POSITIVE_INFINITY] }, { a: [1, 'Infinity'] }],
    ['a\0b', 'a␀b'],
    ['x'.repeat(300), `${'x'.repeat(253)}…`],
    [{ deep: 'x'.repeat(200) }, { deep: 'x'.repeat(200) }],
  ])('keeps the value %s', (value, kept) => {
    quarantine.add({ device: 'a', time: 1, ...refused, value });
    expect(quarantine.list('a', { limit: 1 }).items[0]?.value).toEqual(kept);
  });

  it('keeps the beginning of what is too large, and no ring stops it', () => {
    const ring: Record<string, unknown> = {};
    ring.ring = ring;
    quarantine.add({ device: 'a', time: 1, ...refused, value: Array.from({ length: 1_000 }, (_, i) => i) });
    quarantine.add({ device: 'a', time: 2, ...refused, value: ring, metric: '\0'.repeat(1_000) });
    const [second, first] = quarantine.list('a', { limit: 2 }).items;
    expect(first?.value).toMatch(/^\[0,1,2,.*…$/);
    expect(second?.value).toMatch(/^not JSON/);
  });

  it('forgets a deleted device, and what still waits for it', () => {
    quarantine.add({ device: 'a', time: 1, ...refused });
    quarantine.flush();
    quarantine.add({ device: 'a', time: 2, ...refused });
    quarantine.add({ device: 'b', time: 3, ...refused });
    registry.delete('a');
    quarantine.flush();
    registry.create({ id: 'a' });
    expect(times('a')).toEqual([]);
    expect(times('b')).toEqual([3]);
  });

  it('keeps what a device sent after it was deleted and made again, however much it had before', () => {
    for (let time = 0; time < KEPT_PER_DEVICE; time += 1) quarantine.add({ device: 'a', time, ...refused });
    quarantine.flush();
    registry.delete('a');
    registry.create({ id: 'a' });
    quarantine.add({ device: 'a', time: 1, ...refused });
    quarantine.flush();
    quarantine.add({ device: 'a', time: 2, ...refused });
    expect(times('a')).toEqual([2, 1]);
  });

  it('keeps the newest of a flood that was never written in between', () => {
    quarantine.add({ device: 'b', time: 1, ...refused });
    for (let time = 1; time <= 2_500; time += 1) quarantine.add({ device: 'a', time, ...refused });
    quarantine.add({ device: 'b', time: 2, ...refused });
    expect(times('a')).toEqual(Array.from({ length: KEPT_PER_DEVICE }, (_, i) => 2_500 - i));
    expect(times('b')).toEqual([2, 1]);
  });

  it('holds a bounded number of items, and counts the ones that it dropped', () => {
    for (let time = 0; time <= MAX_WAITING; time += 1) quarantine.add({ device: 'a', time, ...refused });
    expect(quarantine.dropped).toBe(MAX_WAITING / 10);
    expect(times('a').at(0)).toBe(MAX_WAITING);
  });

  it('loses nothing when it could not write', () => {
    quarantine.add({ device: 'a', time: 1, ...refused });
    const { file } = state;
    file.close();
    expect(codeOf(() => quarantine.flush())).toBe('state_closed');
    expect(codeOf(() => quarantine.flush())).toBe('state_closed');
  });
});
