import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reading } from '@fieldline/journal';
import type { AlarmsBench } from '../../hub/src/alarms/alarms.fixture.js';
import type { Figure, Measurement } from '../figure.js';
import { percentile } from '../percentile.js';

const DEVICES = 200;
const BATCH = 500;
const SITE = 10_000;
/** 8 values, of which 5 metrics have 6 limits. */
const LIMITED = 'cold-room';
const INTERVAL_S = 5;

/** The rooms of the hub that judge, by themselves: what they cost is lost in the noise of a whole hub. */
export const alarms: Figure = {
  name: 'alarms',
  title: 'What judging costs a reading, and a site that goes dark',
  async run(bench) {
    const open = async (name: string, count: number, profile: string): Promise<AlarmsBench> => {
      const room = await fixture(await bench.directory(name));
      room.profile = profile;
      await room.open();
      bench.defer(() => room.close());
      room.state.transaction(() => room.add(...ids(count)));
      return room;
    };
    const limited = await readFile(new URL(`../../../profiles/${LIMITED}.yaml`, import.meta.url), 'utf8');
    const batches = bench.quick ? 100 : 400;
    const well = judging(await open('limits', DEVICES, limited), batches);
    const none = judging(
      await open('none', DEVICES, limited.replaceAll(/(warn|alarm): \{[^}]*\}/g, '')),
      batches,
    );
    const devices = bench.quick ? 2_000 : SITE;
    const site = await darkness(await open('site', devices, limited), devices);
    return [
      {
        name: 'judging a reading',
        ...{ value: well, unit: 'µs', target: 0.3 },
        conditions: `${LIMITED}: 8 values, 5 metrics with limits, one door in ten open; ${DEVICES} devices; median of ${batches} batches of ${BATCH}, after as many`,
      },
      {
        name: 'judging a reading of a device without limits',
        ...{ value: none, unit: 'µs', target: 0.05 },
        conditions: 'the same without limits',
      },
      ...site,
    ];
  },
};

async function fixture(directory: string): Promise<AlarmsBench> {
  const built = new URL('../../../hub/dist/alarms/alarms.fixture.js', import.meta.url).href;
  const { AlarmsBench } = (await import(built)) as typeof import('../../hub/src/alarms/alarms.fixture.js');
  return new AlarmsBench(directory);
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `room-${at}`);
}

/** Made as the intake makes them: parsed, one after the other. */
function reading(seq: number, device: number, timeMs: number): Reading {
  const swing = Math.sin(seq);
  const values = {
    ...{ temperature: 4 + swing, setpoint: 4, 'evaporator.temp': -6 + 5 * swing, humidity: 80 + (seq % 9) },
    ...{ power: 80 + (seq % 1500), door: device % 10 === 0, compressor: seq % 2 === 0, mode: 'cooling' },
  };
  const received = { receivedAt: timeMs * 1_000 + 3_000, flags: 0 };
  const text = JSON.stringify({
    device: `room-${device}`,
    boot: 'b',
    seq,
    time: timeMs * 1_000,
    ...received,
    values,
  });
  return JSON.parse(text) as Reading;
}

/** µs for a reading. */
function judging(room: AlarmsBench, batches: number): number {
  const taken: number[] = [];
  let last = 0;
  for (let batch = 0; batch < 2 * batches; batch++) {
    const readings = Array.from({ length: BATCH }, (_, at) => {
      const seq = last + at;
      return reading(seq, seq % DEVICES, room.now + Math.floor(seq / DEVICES) * 50);
    });
    const entry = { first: last + 1, last: last + BATCH, packed: new Uint8Array(), readings: () => readings };
    last += BATCH;
    const startedMs = performance.now();
    room.alarms.take(entry, readings);
    taken.push(((performance.now() - startedMs) * 1_000) / BATCH);
  }
  return percentile(taken.slice(batches), 0.5);
}

/** Every device of a site is heard, and then none. */
async function darkness(room: AlarmsBench, count: number): Promise<Measurement[]> {
  const readings = Array.from({ length: count }, (_, at) => reading(at, at, room.now));
  const entry = { first: 1, last: count, packed: new Uint8Array(), readings: () => readings };
  for (const each of readings) room.devices.get(each.device)?.take(each, count);
  room.alarms.take(entry, readings);
  // Runs four times as fast as real time, in steps that are too short to look like a process that stood still.
  const clock = setInterval(() => {
    room.now += 400;
  }, 100);
  const heard = await longestTurn(() => room.now < startOf(room) + (3 * INTERVAL_S - 2) * 1_000);
  const startedMs = performance.now();
  const dark = await longestTurn(() => room.told.length < count);
  const tookMs = performance.now() - startedMs;
  clearInterval(clock);
  return [
    {
      name: 'longest turn of the loop while all are heard',
      ...{ value: heard, unit: 'ms', target: 25 },
      conditions: `${count} devices of which every one is looked at every second`,
    },
    {
      name: 'longest turn while all fall silent at once',
      ...{ value: dark, unit: 'ms', target: 50 },
      conditions: `${count} alarms raised, durable and told to a listener; all took ${Math.round(tookMs)} ms, of which up to a second is the wait for the next look`,
    },
  ];
}

/** The reading's own time of the first reading, ms since 1970. */
function startOf(room: AlarmsBench): number {
  return room.devices.get('room-0')?.lastReading ?? 0;
}

async function longestTurn(goesOn: () => boolean): Promise<number> {
  let longestMs = 0;
  let beforeMs = performance.now();
  while (goesOn()) {
    await turn();
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - beforeMs);
    beforeMs = nowMs;
  }
  return longestMs;
}
