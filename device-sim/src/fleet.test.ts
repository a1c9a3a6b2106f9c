import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfile, type Profile } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fleet, type FleetOptions } from './fleet.js';
import { RegistrationError } from './registration.js';
import { StandInHub } from './stand-in-hub.fixture.js';

const profile: Profile = loadProfile(
  `
profile: bench
interval: 1h
metrics:
  level: { type: number, min: 0, max: 10, decimals: 2 }
  on: { type: boolean }
commands:
  on.set: { params: { to: { type: boolean, required: true } }, expect: { metric: on, equals: $to } }
simulate:
  level: { wave: walk, mean: 5, amplitude: 5, step: 1 }
  on: { wave: toggle, probability: 0.5 }
`,
  'bench.yaml',
);

let hub: StandInHub;
let directory: string;
let tokenFile: string;
const fleets: Fleet[] = [];

beforeEach(async () => {
  hub = new StandInHub();
  await hub.open();
  directory = await mkdtemp(join(tmpdir(), 'fieldline-sim-'));
  tokenFile = join(directory, 'state', 'tokens.json');
});

afterEach(async () => {
  for (const fleet of fleets.splice(0)) await fleet.close(0);
  hub.close();
  await rm(directory, { recursive: true });
});

function fleetOf(options: Partial<FleetOptions> = {}): Fleet {
  const fleet = new Fleet({
    url: hub.url,
    profile,
    devices: 3,
    rate: 200,
    tokenFile,
    apiToken: hub.apiToken,
    ...options,
  });
  fleets.push(fleet);
  return fleet;
}

const values = (device: string) =>
  hub.received.filter((one) => one.device === device).map(({ message }) => message.values);

describe('registration', () => {
  test('devices that are missing are registered, and their tokens kept for their owner only', async () => {
    await fleetOf().open();
    expect([...hub.registered.keys()].sort()).toEqual(['bench-01', 'bench-02', 'bench-03']);
    expect(JSON.parse(await readFile(tokenFile, 'utf8'))).toEqual(Object.fromEntries(hub.registered));
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
  });

  test('a device that exists without a token here gets one more', async () => {
    hub.registered.set('bench-02', 'fld_lost');
    await fleetOf().open();
    expect(hub.registered.get('bench-02')).toBe('fld_bench-02_second');
  });

  test('with all tokens at hand nothing is asked, and no API token is needed', async () => {
    await fleetOf().open();
    const before = new Map(hub.registered);
    await fleetOf({ apiToken: undefined }).open();
    expect(hub.registered).toEqual(before);
  });

  test('what keeps it from registering is told', async () => {
    await expect(fleetOf({ apiToken: 'wrong' }).open()).rejects.toThrow(RegistrationError);
    await expect(fleetOf({ url: 'http://127.0.0.1:1' }).open()).rejects.toThrow('cannot be asked');
    await writeFile(join(directory, 'broken.json'), '[]');
    await expect(fleetOf({ tokenFile: join(directory, 'broken.json') }).open()).rejects.toThrow(
      'broken.json',
    );
  });
});

describe('sending', () => {
  test('every message is acked and counted, and the last ones are waited for', async () => {
    const fleet = fleetOf();
    await fleet.open();
    await hub.until(() => hub.received.length >= 60);
    const summary = await fleet.close(5_000);
    expect(summary.acked).toBe(summary.sent);
    expect(summary.sent).toBe(hub.received.length);
    expect(summary).toMatchObject({
      devices: 3,
      rejected: 0,
      resent: 0,
      reconnects: 0,
      missed: 0,
      errors: {},
    });
    expect(summary.latencyMs?.p50).toBeGreaterThan(0);
    expect(summary.latencyMs?.max).toBeGreaterThanOrEqual(summary.latencyMs?.p99 ?? Infinity);
  });

  test('each device has signals of its own, and the same ones with the same seed', async () => {
    // A walk and a coin depend on how many readings there were, not on when.
    const run = async (seed: string) => {
      hub.received.length = 0;
      const fleet = fleetOf({ seed });
      await fleet.open();
      await hub.until(() => ['bench-01', 'bench-02'].every((device) => values(device).length >= 10));
      await fleet.close(5_000);
      return ['bench-01', 'bench-02'].map((device) => values(device).slice(0, 10));
    };
    const [first, second, other] = [await run('a'), await run('a'), await run('b')];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
  });

  test('rows and columns carry several readings', async () => {
    for (const shape of ['rows', 'columns'] as const) {
      hub.received.length = 0;
      const fleet = fleetOf({ shape, batch: 4, devices: 1 });
      await fleet.open();
      await hub.until(() => hub.received.length >= 2);
      await fleet.close(5_000);
      const [first] = hub.received;
      if (shape === 'rows') expect(first?.message.rows).toHaveLength(4);
      else
        expect(first?.message).toMatchObject({ t0: expect.any(Number), columns: { level: { length: 4 } } });
    }
  });

  test('without a rate, a reading comes at once and then each interval', async () => {
    const fleet = fleetOf({ rate: undefined });
    await fleet.open();
    await hub.until(() => hub.received.length >= 3);
    const { sent } = await fleet.close(5_000);
    expect(sent).toBe(3);
  });

  test('what was not acked when the connection broke is sent again', async () => {
    const acks = hub.answer;
    hub.answer = () => [];
    const fleet = fleetOf({ devices: 1 });
    await fleet.open();
    await hub.until(() => hub.received.length >= 5);
    hub.answer = acks;
    hub.cut();
    await hub.until(() => fleet.summary().reconnects === 1);
    const summary = await fleet.close(5_000);
    expect(summary.acked).toBe(summary.sent);
    expect(summary.reconnects).toBe(1);
  });

  test('rejects are counted by code', async () => {
    hub.answer = ({ message: { seq } }, boot) => [
      { type: 'reject', seq, code: 'out_of_range', metric: 'level', row: 0, count: 2, message: 'no' },
      { type: 'ack', boot, seq },
    ];
    const fleet = fleetOf({ rate: undefined, devices: 1 });
    await fleet.open();
    await hub.until(() => hub.received.length === 1);
    const summary = await fleet.close(5_000);
    expect(summary).toMatchObject({ rejected: 2, rejects: { out_of_range: 2 }, acked: 1 });
  });

  test('a profile without signals cannot be simulated', async () => {
    const silent = loadProfile('profile: silent\nmetrics: { level: { type: number } }\n', 'silent.yaml');
    await expect(fleetOf({ profile: silent }).open()).rejects.toThrow('no simulate part');
  });
});

describe('what a device is told', () => {
  test('a command is answered, and shows at once; a configuration sets its rhythm', async () => {
    let ordered = false;
    hub.answer = ({ message }, boot) => {
      if (message.seq === undefined) return [];
      const ack = { type: 'ack', boot, seq: message.seq };
      if (ordered) return [ack];
      ordered = true;
      return [
        ack,
        { type: 'command', id: 'c1', name: 'on.set', params: { to: true }, ttl: 5_000 },
        { type: 'command', id: 'c2', name: 'explode', params: {}, ttl: 5_000 },
        { type: 'command', id: 'c3', name: 'on.set', params: { to: false }, ttl: 5_000 },
        { type: 'config', version: 3, desired: { interval: 20 } },
      ];
    };
    const fleet = fleetOf({ devices: 1, rate: undefined });
    await fleet.open();
    const messages = () => hub.received.map(({ message }) => message as Record<string, unknown>);
    await hub.until(() => messages().filter(({ type }) => type === 'telemetry').length > 6);
    expect(messages().filter(({ type }) => type === 'result')).toEqual([
      { type: 'result', id: 'c1', status: 'ok' },
      { type: 'result', id: 'c2', status: 'rejected', code: 'unknown_command' },
      { type: 'result', id: 'c3', status: 'ok' },
    ]);
    expect(messages()).toContainEqual({ type: 'config', version: 3, ok: true, reported: { interval: 20 } });
    const shown = values('bench-01').flatMap((one) =>
      one === undefined ? [] : [(one as { on: boolean }).on],
    );
    expect(shown.slice(1)).toEqual([true, ...shown.slice(2).map(() => false)]);
  });
});
