import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceOf } from '../ingest/ingest.fixture.js';
import type { Device } from './device.js';
import type { FlappingChange } from './flapping.js';
import { Presence, RETURN_MS } from './presence.js';
import type { KeptStanding } from './standing.js';
import { isAsleep, isStale } from './view.js';

const START = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;

let nowMs: number;
let presence: Presence;
let device: Device;
let told: string[];
let flapping: FlappingChange[];

/** A hub that begins with these devices. What an earlier one had noted comes with them. */
function open(...devices: Device[]): Presence {
  const opened = new Presence(() => nowMs, { onFlapping: (change) => flapping.push(change) });
  opened.onChange(({ online, reason }) => told.push(`${online ? 'online' : 'offline'} ${reason}`));
  opened.open(devices);
  return opened;
}

/** Lets time pass, in steps that are no standstill. */
function pass(ms: number): void {
  const end = nowMs + ms;
  while (nowMs < end) {
    const step = Math.min(1_000, end - nowMs);
    nowMs += step;
    vi.advanceTimersByTime(step);
  }
}

/** The device as the next run of the hub finds it. */
function kept(): Device {
  const found = deviceOf();
  found.standing.restore(JSON.parse(JSON.stringify(device.standing.kept())) as KeptStanding);
  found.lastSeen = device.lastSeen;
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
  nowMs = START;
  told = [];
  flapping = [];
  device = deviceOf();
  presence = open(device);
});
afterEach(() => {
  presence.close();
  vi.useRealTimers();
});

describe('a device', () => {
  it('is online while one connection speaks for it; why and when it went is kept', () => {
    presence.joined(device);
    presence.joined(device);
    presence.left(device, 'timeout');
    expect(told).toEqual(['online connected']);
    pass(5_000);
    presence.left(device, 'closed');
    expect(told).toEqual(['online connected', 'offline closed']);
    expect(device.standing.lastDisconnect).toEqual({ reason: 'closed', at: START + 5_000 });
  });

  it('has restarted when it names a new boot, and not when it comes back with one that is known', () => {
    const hello = (boot: string, isKnown = false) => {
      presence.introduced(device, { boot }, isKnown);
      device.boot = boot;
    };
    hello('b1');
    hello('b1');
    expect(device.standing.reboots).toBe(0);
    hello('b2');
    hello('b1', true);
    expect(device.standing.reboots).toBe(1);
    presence.introduced(device, {}, false);
    expect(device.standing.reboots).toBe(1);
  });
});

describe('a device that sleeps', () => {
  const sleep = (ms: number, reason = 'closed') => {
    presence.joined(device);
    presence.introduced(device, { sleep: ms }, false);
    presence.left(device, reason);
  };

  it('is asleep as it announced, and connected when it wakes', () => {
    sleep(HOUR);
    expect(told.at(-1)).toBe('offline sleeping');
    expect([isAsleep(device), device.standing.wakesBy]).toEqual([true, START + HOUR]);
    pass(HOUR + 300_000);
    presence.joined(device);
    expect(told).toEqual(['online connected', 'offline sleeping', 'online connected']);
    expect([isAsleep(device), device.standing.wakesBy]).toEqual([false, null]);
    expect(device.standing.lastDisconnect?.reason).toBe('closed');
  });

  it('is overdue, once, when it does not come in time', () => {
    sleep(HOUR, 'timeout');
    pass(HOUR + HOUR / 10 - 1_000);
    expect(told.at(-1)).toBe('offline sleeping');
    pass(2_000);
    expect([told.at(-1), isAsleep(device)]).toEqual(['offline overdue', false]);
    pass(HOUR);
    expect(told).toHaveLength(3);
  });

  it('does not sleep when it was sent away, or says that it sleeps no more', () => {
    sleep(HOUR, 'malformed');
    expect(told.at(-1)).toBe('offline malformed');
    sleep(HOUR);
    sleep(0);
    expect(told.at(-1)).toBe('offline closed');
  });

  it('is not stale for its sleep', () => {
    device.lastReading = START;
    device.arrivals.restore(10_000);
    expect(isStale(device, START + 60_000)).toBe(true);
    // From the moment on at which an alarm is raised.
    expect(isStale(device, START + 29_999)).toBe(false);
    expect(isStale(device, START + 30_000)).toBe(true);
    device.standing.sleepMs = HOUR;
    expect(isStale(device, START + HOUR)).toBe(false);
    expect(isStale(device, START + HOUR + 60_000)).toBe(true);
  });

  it('does not flap, however often it wakes', () => {
    for (let wake = 0; wake < 20; wake++) {
      sleep(10_000);
      pass(10_000);
    }
    expect(flapping).toEqual([]);
  });

  it('is forgotten when it was deleted', () => {
    sleep(1_000);
    presence.forget(device);
    pass(60_000);
    expect(told.at(-1)).toBe('offline sleeping');
  });
});

describe('a restart of the hub', () => {
  const restart = ({ cleanly = true, downMs = 2_000 } = {}) => {
    if (cleanly) {
      presence.stop();
      if (device.isOnline) presence.left(device, 'hub_stopping');
    } else presence.close();
    device = kept();
    told = [];
    nowMs += downMs;
    presence = open(device);
  };

  it.each([{ cleanly: true }, { cleanly: false }])('is no news of a device (cleanly: $cleanly)', (how) => {
    presence.joined(device);
    pass(10_000);
    restart(how);
    expect(device.isOnline).toBe(false);
    pass(RETURN_MS - 5_000);
    presence.joined(device);
    expect(told).toEqual(['online returned']);
    expect(device.standing.status).toEqual({ online: true, reason: 'connected', at: START });
    const at = START + (how.cleanly ? 10_000 : 12_000);
    expect(device.standing.lastDisconnect).toEqual({ reason: 'hub_stopped', at });
    pass(2 * RETURN_MS);
    expect(told).toHaveLength(1);
    presence.left(device, 'closed');
    expect(told.at(-1)).toBe('offline closed');
  });

  it('tells of a device that does not come back', () => {
    presence.joined(device);
    restart();
    pass(RETURN_MS + 1_000);
    expect(told).toEqual(['offline not_returned']);
    presence.joined(device);
    expect(told.at(-1)).toBe('online connected');
  });

  it('says nothing again of a device that was offline', () => {
    presence.joined(device);
    presence.left(device, 'timeout');
    restart();
    pass(2 * RETURN_MS);
    expect(told).toEqual([]);
    expect(device.standing.status).toMatchObject({ online: false, reason: 'timeout' });
  });

  it('lets devices sleep; one that was due meanwhile may have come, and sleeps once more', () => {
    presence.joined(device);
    presence.introduced(device, { sleep: HOUR }, false);
    presence.left(device, 'closed');
    restart({ downMs: 2_000 });
    expect([isAsleep(device), device.standing.wakesBy]).toEqual([true, START + HOUR]);
    restart({ downMs: 2 * HOUR });
    expect(device.standing.wakesBy).toBe(nowMs + HOUR);
    pass(HOUR);
    expect(told).toEqual([]);
    pass(HOUR / 10 + 1_000);
    expect(told).toEqual(['offline overdue']);
  });

  it('a standstill of the process is the same', () => {
    presence.joined(device);
    presence.introduced(device, { sleep: 10_000 }, false);
    presence.left(device, 'closed');
    nowMs += HOUR;
    vi.advanceTimersByTime(1_000);
    expect(told.at(-1)).toBe('offline sleeping');
  });
});

describe('a device that connects again and again', () => {
  const connect = (times: number, everyMs: number) => {
    for (let time = 0; time < times; time++) {
      presence.joined(device);
      presence.left(device, 'connection_lost');
      pass(everyMs);
    }
  };

  it('flaps beyond ten connections within ten minutes; that is told once, and again when it is steady', () => {
    connect(10, 30_000);
    expect(flapping).toEqual([]);
    connect(20, 30_000);
    expect(flapping).toEqual([{ device, isFlapping: true, connects: 11 }]);
    expect(device.standing.isFlapping).toBe(true);
    presence.joined(device);
    pass(700_000);
    expect(flapping.map(({ isFlapping }) => isFlapping)).toEqual([true, false]);
    expect(device.standing.isFlapping).toBe(false);
  });

  it('does not flap at one a minute', () => {
    connect(60, 60_000);
    expect(flapping).toEqual([]);
  });

  it('flaps when two take over from each other', () => {
    presence.joined(device);
    for (let time = 0; time < 11; time++) presence.replaced(device);
    expect(flapping).toHaveLength(1);
  });
});
