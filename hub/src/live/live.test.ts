import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveBench, reading } from './live.fixture.js';

const T = 1_767_225_600_000;

let bench: LiveBench;

beforeEach(() => {
  bench = new LiveBench();
});

afterEach(async () => {
  await bench.close();
  expect(bench.faults).toEqual([]);
});

describe('snapshot and updates', () => {
  it('shows what is, then what comes', async () => {
    bench.directory.put('a');
    bench.commit(reading('a', T, { temperature: 21.5, door: true, name: 'é"' }));
    const viewer = await bench.viewer();
    viewer.send({ type: 'subscribe', id: 7, devices: ['a', 'unknown'] });
    expect(await viewer.next()).toEqual({
      type: 'snapshot',
      id: 7,
      devices: [
        { id: 'a', online: true, values: { temperature: [T, 21.5], door: [T, true], name: [T, 'é"'] } },
      ],
      more: false,
    });
    bench.commit(reading('a', T + 1, { temperature: 22, name: '\u2028' }));
    expect(await viewer.next()).toEqual({
      type: 'update',
      readings: [['a', T + 1, { temperature: 22, name: '\u2028' }]],
    });
  });

  it('sends one frame a period with the latest per device and metric', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*', minPeriod: 50 });
    bench.commit(reading('a', T, { x: 1, y: 1 }), reading('b', T, { x: 1 }));
    bench.commit(reading('a', T + 5, { x: 2 }), reading('a', T + 6, { x: 3 }));
    expect(await viewer.rows()).toEqual([
      ['a', T, { y: 1 }],
      ['a', T + 6, { x: 3 }],
      ['b', T, { x: 1 }],
    ]);
  });

  it('puts values of one millisecond into one row', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*' });
    bench.commit(reading('a', T, { x: 1 }), reading('a', T + 0.5, { y: 2 }));
    expect(await viewer.rows()).toEqual([['a', T, { x: 1, y: 2 }]]);
  });

  it('lets no backfill replace a newer value, even one from before the viewer came', async () => {
    bench.directory.put('a');
    bench.commit(reading('a', T, { x: 1 }));
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*', minPeriod: 10 });
    bench.commit(reading('a', T - 1_000, { x: 0, y: 5 }));
    expect(await viewer.rows()).toEqual([['a', T - 1_000, { y: 5 }]]);
    bench.commit(reading('a', T - 500, { x: 0 }));
    bench.commit(reading('a', T + 1, { x: 2 }));
    expect(await viewer.rows()).toEqual([['a', T + 1, { x: 2 }]]);
  });

  it('sends every reading of each commit when the period is 0, backfill too', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*', minPeriod: 0, metrics: ['x'] });
    bench.commit(reading('a', T, { x: 1 }), reading('a', T, { y: 1 }), reading('a', T + 1, { x: 2, y: 2 }));
    bench.commit(reading('a', T - 60_000, { x: 0 }));
    expect(await viewer.rows()).toEqual([
      ['a', T, { x: 1 }],
      ['a', T + 1, { x: 2 }],
    ]);
    expect(await viewer.rows()).toEqual([['a', T - 60_000, { x: 0 }]]);
  });

  it('misses nothing between the snapshot and the stream', async () => {
    bench.directory.put('a');
    const viewer = await bench.viewer();
    let last = 0;
    const feed = setInterval(() => {
      last += 1;
      bench.commit(reading('a', T + last, { x: last }));
    }, 1);
    try {
      const [first] = await viewer.subscribe(1, { devices: '*', minPeriod: 0 });
      const seen: unknown[] = [first?.values.x?.[1] ?? 0];
      while (seen.length < 50) seen.push(...(await viewer.rows()).map(([, , values]) => values.x));
      const start = Number(seen[0]);
      expect(seen).toEqual(seen.map((_, index) => start + index));
    } finally {
      clearInterval(feed);
    }
  });

  it('sends large snapshots in chunks', async () => {
    for (let i = 0; i < 1_234; i++) bench.directory.put(`d${i}`);
    const viewer = await bench.viewer();
    const devices = await viewer.subscribe(1, { devices: '*' });
    expect(devices.map(({ id }) => id)).toEqual([...bench.directory.ids()]);
    const snapshots = viewer.messages.filter((message) => message.type === 'snapshot');
    expect(snapshots.map(({ devices, more }) => [devices.length, more])).toEqual([
      [500, true],
      [500, true],
      [234, false],
    ]);
  });
});

describe('selections', () => {
  it('by metric, in snapshot and updates', async () => {
    bench.directory.put('a');
    bench.commit(reading('a', T, { x: 1, y: 1 }));
    const viewer = await bench.viewer();
    expect(await viewer.subscribe(1, { devices: '*', metrics: ['x'] })).toEqual([
      { id: 'a', online: true, values: { x: [T, 1] } },
    ]);
    bench.commit(reading('a', T + 1, { y: 2 }), reading('b', T + 1, { x: 2, y: 2 }));
    expect(await viewer.rows()).toEqual([['b', T + 1, { x: 2 }]]);
  });

  it('by tags, which may change while somebody looks', async () => {
    bench.directory.put('a', { site: 'north' });
    bench.directory.put('b', { site: 'south' });
    const viewer = await bench.viewer();
    const devices = await viewer.subscribe(1, { devices: { tags: { site: 'north' } }, minPeriod: 0 });
    expect(devices.map(({ id }) => id)).toEqual(['a']);
    bench.commit(reading('a', T, { x: 1 }), reading('b', T, { x: 1 }));
    expect(await viewer.rows()).toEqual([['a', T, { x: 1 }]]);
    bench.directory.put('a', { site: 'south' });
    bench.directory.put('b', { site: 'north' });
    bench.directory.put('c', { site: 'north' });
    bench.commit(reading('a', T, { x: 2 }), reading('b', T, { x: 2 }), reading('c', T, { x: 2 }));
    expect(await viewer.rows()).toEqual([
      ['b', T, { x: 2 }],
      ['c', T, { x: 2 }],
    ]);
  });

  it('takes the smaller period where subscriptions overlap', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*', minPeriod: 60_000 });
    await viewer.subscribe(2, { devices: ['a'], metrics: ['x'], minPeriod: 0 });
    // The slow lane's first frame goes out at once; its next is a minute away.
    bench.commit(reading('a', T, { x: 1, y: 1 }), reading('b', T, { x: 1 }));
    expect(await viewer.rows()).toEqual([['a', T, { x: 1 }]]);
    expect(await viewer.rows()).toEqual([
      ['a', T, { y: 1 }],
      ['b', T, { x: 1 }],
    ]);
    bench.commit(reading('a', T + 1, { x: 2, y: 2 }));
    expect(await viewer.rows()).toEqual([['a', T + 1, { x: 2 }]]);
    bench.commit(reading('a', T + 2, { x: 3, y: 3 }));
    expect(await viewer.rows()).toEqual([['a', T + 2, { x: 3 }]]);
  });

  it('keeps what was due when subscriptions change', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: '*', minPeriod: 60_000 });
    bench.commit(reading('a', T, { x: 1 }));
    await viewer.rows();
    bench.commit(reading('a', T + 1, { x: 2 }), reading('b', T + 1, { x: 2 }));
    // The second change waits for its period, but the viewer leaves for another audience.
    viewer.send({ type: 'subscribe', id: 2, devices: ['a'], what: ['status'] });
    expect(await viewer.rows()).toEqual([
      ['a', T + 1, { x: 2 }],
      ['b', T + 1, { x: 2 }],
    ]);
  });

  it('ends with unsubscribe', async () => {
    const viewer = await bench.viewer();
    await viewer.subscribe(1, { devices: ['a'], minPeriod: 0 });
    await viewer.subscribe(2, { devices: ['b'], minPeriod: 0 });
    viewer.send({ type: 'unsubscribe', id: 1 });
    // An answer to a later request shows that the one before has been dealt with.
    await viewer.subscribe(3, { devices: [] });
    bench.commit(reading('a', T, { x: 1 }), reading('b', T, { x: 1 }));
    expect(await viewer.rows()).toEqual([['b', T, { x: 1 }]]);
  });

  it('shares frames among viewers that ask for the same', async () => {
    const viewers = await Promise.all([bench.viewer(), bench.viewer(), bench.viewer()]);
    await Promise.all(
      viewers.map((viewer, id) => viewer.subscribe(id, { devices: ['b', id === 1 ? 'a' : 'b', 'a'] })),
    );
    bench.commit(reading('a', T, { x: 1 }));
    const frames = await Promise.all(viewers.map((viewer) => viewer.rows()));
    expect(frames).toEqual([[['a', T, { x: 1 }]], [['a', T, { x: 1 }]], [['a', T, { x: 1 }]]]);
  });
});

describe('events', () => {
  it('go to those who asked for them', async () => {
    bench.directory.put('a', { site: 'north' });
    const viewer = await bench.viewer({ id: 'otto', role: 'operator' });
    await viewer.subscribe(1, { devices: { tags: { site: 'north' } }, what: ['status', 'log', 'raw'] });
    expect(bench.live.wantsRaw('a')).toBe(true);
    expect(bench.live.wantsRaw('b')).toBe(false);
    bench.live.status({ device: 'b', online: true, at: T });
    bench.live.status({ device: 'a', online: false, reason: 'timeout', at: T });
    bench.live.log({ device: 'a', level: 'warn', message: 'brown-out', at: T });
    const wire = { bytes: 7, via: 'ws' } as const;
    bench.live.raw({ device: 'a', direction: 'in', frame: '{"x":1}', ...wire, at: T });
    bench.commit(reading('a', T, { x: 1 }));
    expect([await viewer.next(), await viewer.next(), await viewer.next()]).toEqual([
      { type: 'status', device: 'a', online: false, reason: 'timeout', at: T },
      { type: 'log', device: 'a', level: 'warn', message: 'brown-out', at: T },
      { type: 'raw', device: 'a', direction: 'in', frame: '{"x":1}', ...wire, at: T },
    ]);
    await viewer.subscribe(1, { devices: ['a'], what: ['telemetry'] });
    expect(bench.live.wantsRaw('a')).toBe(false);
  });
});

describe('refusals', () => {
  it.each([
    ['not JSON', 'malformed'],
    ['[]', 'malformed'],
    ['{"type":"subscribe","id":1,"__proto__":{}}', 'malformed'],
    ['{"type":"hello"}', 'unknown_type'],
    ['{"type":"subscribe","devices":"*"}', 'bad_subscription'],
    ['{"type":"subscribe","id":1}', 'bad_subscription'],
    ['{"type":"subscribe","id":1,"devices":["*"]}', 'bad_subscription'],
    ['{"type":"subscribe","id":1,"devices":"*","what":["raw"]}', 'bad_subscription'],
    ['{"type":"unsubscribe","id":1}', 'bad_subscription'],
  ])('%s is answered by %s', async (text, code) => {
    const viewer = await bench.viewer();
    viewer.send(text);
    expect(await viewer.next()).toMatchObject({ type: 'error', code });
    expect(await viewer.subscribe(2, { devices: '*' })).toEqual([]);
  });

  it('repeats the id', async () => {
    const viewer = await bench.viewer();
    viewer.send({ type: 'subscribe', id: 5, devices: 'all' });
    expect(await viewer.next()).toMatchObject({ type: 'error', id: 5, code: 'bad_subscription' });
  });

  it('holds a viewer to its number of subscriptions', async () => {
    const viewer = await bench.viewer();
    for (let id = 0; id < 100; id++) await viewer.subscribe(id, { devices: [`d${id}`] });
    viewer.send({ type: 'subscribe', id: 100, devices: '*' });
    expect(await viewer.next()).toMatchObject({ type: 'error', id: 100, code: 'bad_subscription' });
    await viewer.subscribe(99, { devices: '*' });
  });

  it('closes on a message that is too large', async () => {
    const viewer = await bench.viewer();
    viewer.send(' '.repeat(65_537));
    expect(await viewer.closed()).toBe(1009);
  });
});
