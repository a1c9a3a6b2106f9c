import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { sessionsOf, settled } from './session.fixture.js';

const HELLO = { type: 'hello', boot: 'b1', seq: 1 };

describe('takeover', () => {
  it('by a third session waits for the first one, too', async () => {
    const { connect, sync, statuses } = sessionsOf();
    const device = deviceOf();
    const [first, second, third] = [connect(device), connect(device), connect(device)];
    first.send(HELLO);
    first.send({ type: 'telemetry', seq: 1, values: { t: 1 } });
    second.send({ temperature: 1 });
    third.send(HELLO);
    await settled();
    expect(third.ws.sent).toEqual([]);
    await sync();
    await third.begun;
    expect([first.ws.closedWith, second.ws.closedWith, third.ws.closedWith]).toEqual([4409, 4409, null]);
    expect(first.ws.messages.map(({ type }) => type)).toEqual(['welcome', 'ack', 'error']);
    expect(third.ws.messages).toMatchObject([{ type: 'welcome', ack: 1 }]);
    expect(statuses).toEqual([[true, 'connected']]);
  });

  it('keeps what a session had sent that is gone before its turn came', async () => {
    const { connect, sync, sessions, statuses, journal } = sessionsOf();
    const device = deviceOf();
    const older = connect(device);
    older.send({ type: 'telemetry', boot: 'b1', seq: 1, values: { t: 1 } });
    const newer = connect(device);
    newer.send({ temperature: 21 });
    newer.ws.readyState = 3;
    sessions.ended(newer.session, 'connection_lost');
    await sync();
    await newer.begun;
    await sync();
    expect(journal.written.flatMap(({ readings }) => readings.map(({ values }) => values))).toEqual([
      { t: 1 },
      { temperature: 21 },
    ]);
    sessions.ended(older.session, 'replaced');
    expect(statuses).toEqual([
      [true, 'connected'],
      [false, 'connection_lost'],
    ]);
  });
});

describe('heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends who is silent, but nobody because the hub itself stood still', () => {
    const { connect, sessions, clock } = sessionsOf();
    const { ws } = connect(deviceOf());
    sessions.start();
    clock.nowMs += 3_600_000; // the process was stopped, or the clock set
    vi.advanceTimersByTime(1_000);
    expect(ws.closedWith).toBeNull();
    for (let second = 0; second < 60; second++) {
      clock.nowMs += 1_000;
      vi.advanceTimersByTime(1_000);
    }
    expect(ws.closedWith).toBe(4408);
    sessions.close();
  });

  it('of less than a second forgives a hub that stood still for a second', () => {
    const { connect, sessions, clock } = sessionsOf({ FIELDLINE_DEVICE_HEARTBEAT_MS: '300' });
    const { ws } = connect(deviceOf());
    sessions.start();
    clock.nowMs += 1_000; // waiting for a disk
    vi.advanceTimersByTime(75);
    expect(ws.closedWith).toBeNull();
    for (let sweep = 0; sweep < 12; sweep++) {
      clock.nowMs += 75;
      vi.advanceTimersByTime(75);
    }
    expect(ws.closedWith).toBe(4408);
    sessions.close();
  });
});
