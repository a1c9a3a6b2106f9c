import type { UpdateReading } from '@fieldline/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { LiveBench, reading, type TestViewer } from './live.fixture.js';

const T = 1_767_225_600_000;
const LONG = 'x'.repeat(250);

let bench: LiveBench;

afterEach(async () => {
  await bench.close();
  expect(bench.faults).toEqual([]);
});

/** Commits readings of `devices` devices until the slow viewer's socket has been full for a good while. */
async function flood(devices: number, commits: number, control: TestViewer): Promise<number> {
  for (let n = 1; n <= commits; n++) {
    const readings = [];
    for (let i = 0; i < devices; i++) readings.push(reading(`d${i}`, T + n, { n, text: LONG }));
    bench.commit(...readings);
    // The one who reads has this commit: the hub went on, whatever the slow one does.
    while ((await lastTime(control)) < T + n);
  }
  return T + commits;
}

async function lastTime(viewer: TestViewer): Promise<number> {
  return (await viewer.rows()).at(-1)?.[1] ?? 0;
}

describe('a viewer that stops reading', () => {
  it('gets the latest values and a count when it reads again, and others notice nothing', async () => {
    bench = new LiveBench();
    const control = await bench.viewer();
    await control.subscribe(1, { devices: '*', minPeriod: 0 });
    const slow = await bench.viewer();
    // Asks for something else than the other: they must not share an audience here.
    await slow.subscribe(1, { devices: '*', minPeriod: 0, what: ['telemetry', 'status', 'log'] });
    slow.socket.pause();
    const commits = 400;
    const until = await flood(40, commits, control);
    bench.live.status({ device: 'd0', online: false, at: T });
    bench.live.status({ device: 'd0', online: true, at: T + 1 });
    bench.live.log({ device: 'd0', level: 'info', message: 'lost', at: T });

    const before = slow.messages.length;
    slow.socket.resume();
    const lag = await slow.nextOf('lag');
    const seen = slow.messages.slice(before);
    const rows = seen.flatMap((message) => (message.type === 'update' ? message.readings : []));
    expect(latestTimes(rows)).toEqual(new Array(40).fill(until));
    expect(seen.filter(({ type }) => type === 'status')).toEqual([
      { type: 'status', device: 'd0', online: true, at: T + 1 },
    ]);
    // Every reading either came or is counted; so are the earlier status and the log line.
    expect(rows.length + lag.dropped).toBe(commits * 40 + 2);
    expect(lag.dropped).toBeGreaterThan(0);
    expect(bench.counters.liveDropped).toBe(lag.dropped);

    bench.commit(reading('d0', until + 1, { n: 0 }));
    expect(await slow.rows()).toEqual([['d0', until + 1, { n: 0 }]]);
  });

  it('holds no more than a bounded number of bytes', async () => {
    bench = new LiveBench({ behindBytes: 32_768 });
    const control = await bench.viewer();
    await control.subscribe(1, { devices: '*', minPeriod: 0 });
    const slow = await bench.viewer();
    await slow.subscribe(1, { devices: '*', minPeriod: 0, what: ['telemetry', 'status'] });
    slow.socket.pause();
    await flood(40, 400, control);
    const [held] = bench.unsentBytes().filter((bytes) => bytes > 0);
    expect(held).toBeGreaterThan(32_768);
    // The limit, and the one frame that crossed it.
    expect(held).toBeLessThan(32_768 + 16_384);
  });

  it('is closed with 1013 when it holds too much for too long', async () => {
    bench = new LiveBench({ overrunBytes: 65_536, overrunMs: 0, closeMs: 60_000 });
    const control = await bench.viewer();
    await control.subscribe(1, { devices: '*', minPeriod: 0 });
    const slow = await bench.viewer();
    await slow.subscribe(1, { devices: '*', minPeriod: 0, what: ['telemetry', 'status'] });
    slow.socket.pause();
    await flood(40, 400, control);
    await expect.poll(() => bench.counters.liveDropped, { timeout: 10_000 }).toBeGreaterThan(0);
    const closed = slow.closed();
    slow.socket.resume();
    expect(await closed).toBe(1013);
    bench.commit(reading('d0', T, { n: 0 }));
    expect(await control.rows()).toHaveLength(1);
  });

  it('gets a snapshot that is too large in parts, never older than the updates before them', async () => {
    bench = new LiveBench({ behindBytes: 16_384, chunkBytes: 4_096 });
    const devices = 20_000;
    const readings = [];
    for (let i = 0; i < devices; i++) {
      bench.directory.put(`d${i}`);
      readings.push(reading(`d${i}`, T, { n: 0, text: LONG }));
    }
    bench.commit(...readings);
    const viewer = await bench.viewer();
    viewer.socket.pause();
    viewer.send({ type: 'subscribe', id: 1, devices: '*', minPeriod: 0 });
    await expect.poll(() => bench.unsentBytes().some((bytes) => bytes > 16_384)).toBe(true);
    bench.commit(reading('d0', T + 1, { n: 1 }), reading(`d${devices - 1}`, T + 1, { n: 1 }));
    viewer.socket.resume();
    const lag = await viewer.nextOf('lag');
    expect(lag.dropped).toBe(0);
    const snapshots = viewer.messages.flatMap((message) =>
      message.type === 'snapshot' ? message.devices : [],
    );
    expect(snapshots).toHaveLength(devices);
    expect(snapshots.at(0)?.values.n).toEqual([T, 0]);
    expect(snapshots.at(-1)?.values.n).toEqual([T + 1, 1]);
    const rows = viewer.messages.flatMap((message) => (message.type === 'update' ? message.readings : []));
    expect(rows).toContainEqual(['d0', T + 1, { n: 1 }]);
  });
});

describe('connections', () => {
  it('are pinged, and dropped when silent', async () => {
    bench = new LiveBench({ pingMs: 0 });
    const alive = await bench.viewer();
    const silent = await bench.viewer();
    silent.socket.pause();
    let pings = 0;
    alive.socket.on('ping', () => {
      pings += 1;
    });
    await expect.poll(() => bench.live.viewers, { timeout: 10_000 }).toBe(1);
    expect(pings).toBeGreaterThan(0);
  });

  it('are limited in number', async () => {
    bench = new LiveBench({ maxViewers: 1 });
    await bench.viewer();
    const second = await bench.viewer();
    expect(await second.nextOf('error')).toMatchObject({ code: 'too_many' });
    expect(await second.closed()).toBe(1013);
    expect(bench.live.viewers).toBe(1);
    expect(bench.counters.viewersRefused).toEqual({ hub: 1, principal: 0 });
  });

  it('are limited in number for each user and token, over all their log-ins', async () => {
    bench = new LiveBench({ maxViewersPerPrincipal: 2 });
    const first = await bench.viewer({ id: 's1', role: 'viewer', grantedBy: 'ada' });
    await bench.viewer({ id: 's2', role: 'viewer', grantedBy: 'ada' });
    const third = await bench.viewer({ id: 's3', role: 'viewer', grantedBy: 'ada' });
    expect(await third.nextOf('error')).toMatchObject({ code: 'too_many' });
    expect(await third.closed()).toBe(1013);
    const token = await bench.viewer({ id: 'ci', role: 'viewer' });
    expect(await token.subscribe(1, { devices: '*' })).toEqual([]);
    expect(bench.counters.viewersRefused).toEqual({ hub: 0, principal: 1 });
    first.socket.close();
    await expect.poll(() => bench.live.viewers).toBe(2);
    const again = await bench.viewer({ id: 's3', role: 'viewer', grantedBy: 'ada' });
    expect(await again.subscribe(1, { devices: '*' })).toEqual([]);
  });

  it('end when their principal is revoked, even if they do not answer', async () => {
    bench = new LiveBench();
    const anna = await bench.viewer({ id: 'anna', role: 'viewer' });
    const deaf = await bench.viewer({ id: 'anna', role: 'viewer' });
    const otto = await bench.viewer({ id: 'otto', role: 'viewer' });
    await deaf.subscribe(1, { devices: '*' });
    deaf.socket.pause();
    bench.live.closePrincipal('anna');
    expect(await anna.closed()).toBe(4401);
    await expect.poll(() => bench.live.viewers, { timeout: 5_000 }).toBe(1);
    expect(await otto.subscribe(1, { devices: '*' })).toEqual([]);
  });

  it('end with 1001 when the hub stops', async () => {
    bench = new LiveBench();
    const viewer = await bench.viewer();
    const closed = viewer.closed();
    await bench.live.close();
    expect(await closed).toBe(1001);
    const late = await bench.viewer();
    expect(await late.closed()).toBe(1001);
  });
});

/** The greatest time of each device. */
function latestTimes(rows: readonly UpdateReading[]): number[] {
  const times = new Map<string, number>();
  for (const [device, time] of rows) times.set(device, Math.max(time, times.get(device) ?? 0));
  return [...times.values()];
}
