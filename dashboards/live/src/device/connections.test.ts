import type { DeviceConnection } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { Connections, lastOutage, lateSpans, marksOf, standsOf } from './connections.js';

const EVENTS: readonly DeviceConnection[] = [
  { at: 100, event: 'online', reason: 'connected' },
  { at: 200, event: 'offline', reason: 'timeout' },
  { at: 300, event: 'online', reason: 'connected' },
  { at: 301, event: 'rebooted', boot: 'b2' },
  { at: 310, event: 'late', from: 200, to: 290, readings: 9 },
  { at: 400, event: 'offline', reason: 'sleeping' },
];

describe('the connection of a device', () => {
  it('is not known before its first event, and goes on after its last', () => {
    expect(standsOf(EVENTS, 50, 500)).toEqual([
      { from: 50, to: 100, value: undefined },
      { from: 100, to: 200, value: 'online' },
      { from: 200, to: 300, value: 'offline' },
      { from: 300, to: 400, value: 'online' },
      { from: 400, to: 500, value: 'asleep' },
    ]);
    expect(standsOf(EVENTS, 210, 220)).toEqual([{ from: 210, to: 220, value: 'offline' }]);
    expect(standsOf([], 0, 9)).toEqual([{ from: 0, to: 9, value: undefined }]);
  });

  it('marks other boots and late readings; these lie where they were measured', () => {
    expect(marksOf(EVENTS, 0, 500)).toEqual([
      { at: 301, kind: 'rebooted' },
      { at: 310, kind: 'late' },
    ]);
    expect(marksOf(EVENTS, 302, 500)).toHaveLength(1);
    expect(lateSpans(EVENTS, 280, 500)).toEqual([{ from: 200, to: 290 }]);
    expect(lateSpans(EVENTS, 291, 500)).toEqual([]);
  });

  it('tells the last outage, for which a sleep does not count', () => {
    expect(lastOutage(EVENTS)).toEqual({ from: 200, to: 300, reason: 'timeout' });
    const slept: DeviceConnection[] = [...EVENTS, { at: 450, event: 'online', reason: 'connected' }];
    expect(lastOutage(slept)).toEqual({ from: 200, to: 300, reason: 'timeout' });
    expect(lastOutage([])).toBeUndefined();
  });
});

describe('asking for it', () => {
  it('takes what is new once, and says when readings came late', async () => {
    let there = EVENTS.slice(0, 4);
    const limits: number[] = [];
    const connections = new Connections(async (limit) => {
      limits.push(limit);
      return { items: there.toReversed(), next: null };
    });
    expect(await connections.refresh()).toBe(false);
    there = EVENTS.slice(2);
    expect(await connections.refresh()).toBe(true);
    expect(await connections.refresh()).toBe(false);
    expect(connections.events.value).toEqual(EVENTS);
    expect(limits).toEqual([1_000, 50, 50]);
  });

  it('asks for all again as long as nothing has come', async () => {
    let fails = true;
    const connections = new Connections(async () => {
      if (fails) throw new Error('away');
      return { items: [], next: null };
    });
    await connections.refresh();
    expect(connections.events.value).toEqual([]);
    fails = false;
    expect(await connections.refresh()).toBe(false);
  });
});
