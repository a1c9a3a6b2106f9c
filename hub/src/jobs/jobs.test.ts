import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OPERATOR } from '../commands/commands.fixture.js';
import { integer, text } from '../state/column.js';
import { entriesOf } from '../state/state.fixture.js';
import { ids, JobBench } from './jobs.fixture.js';

let bench: JobBench;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  bench = new JobBench().open();
});
afterEach(() => {
  expect(counted('FROM job_counts WHERE count <> 0 ORDER BY 1')).toEqual(
    counted(
      'FROM job_devices WHERE job IN (SELECT id FROM jobs) GROUP BY job, state, verification ORDER BY 1',
    ),
  );
  bench.close();
  vi.useRealTimers();
});

/** What is counted as it changes, and what there is. */
function counted(rest: string) {
  const key = text("job || ' ' || state || ' ' || coalesce(verification, '')");
  const count = integer(rest.includes('job_counts') ? 'count' : 'count(*)');
  return bench.state.select({ key, count }, rest).all();
}
const counts = (job: string) =>
  Object.fromEntries(Object.entries(bench.jobs.get(job).counts).filter(([, count]) => count > 0));
const deedsOf = (job: string) =>
  entriesOf(bench.audit, { subject: `job:${job}` })
    .map(({ action, result }) => [action, result])
    .reverse();

describe('a job', () => {
  it('gives each device a command of its own, at its pace, and is done with the last answer', async () => {
    bench.connectAll();
    const { id } = await bench.start({ perSecond: 5 });
    expect(counts(id)).toEqual({ waiting: 10 });
    await bench.pass(0);
    expect(counts(id)).toEqual({ sent: 1, waiting: 9 });
    await bench.pass(1_000);
    expect(counts(id)).toEqual({ sent: 6, waiting: 4 });
    await bench.pass(1_000);
    bench.answerAll();
    const job = bench.jobs.get(id);
    expect(job).toMatchObject({ state: 'done', finishedAt: bench.nowMs, devices: 10, by: 'ada' });
    expect(counts(id)).toEqual({ succeeded: 10 });
    expect(deedsOf(id)).toEqual([
      ['job.started', 'ok'],
      ['job.finished', 'ok'],
    ]);
    const items = entriesOf(bench.audit, { action: 'command.queued' });
    expect(items.map(({ details }) => details)).toContainEqual(
      expect.objectContaining({ job: id, name: 'identify' }),
    );
  });

  it('paces hundreds a second, too', async () => {
    bench.connectAll();
    const { id } = await bench.start({ perSecond: 250 });
    await bench.pass(20);
    expect(counts(id)).toEqual({ sent: 6, waiting: 4 });
    await bench.pass(20);
    expect(counts(id)).toEqual({ sent: 10 });
  });

  it('takes devices by their tags and profile; those that may not connect are not meant', async () => {
    for (const id of ids(4)) bench.registry.update(id, { tags: { site: 'north', floor: id } });
    bench.registry.update('d03', { disabled: true });
    const north = await bench.start({ devices: { tags: { site: 'north' } } });
    expect(bench.jobs.devices(north.id, null, { limit: 10 }).items.map(({ device }) => device)).toEqual(
      ids(3),
    );
    expect((await bench.start({ devices: { tags: { site: 'north', floor: 'd01' } } })).devices).toBe(1);
    expect((await bench.start({ devices: { profile: 'relay-board' } })).devices).toBe(9);
    expect((await bench.start({ devices: ['d01', 'd01'] })).devices).toBe(1);
    const refused = (devices: object) => bench.start({ devices });
    await expect(refused({ tags: { site: 'south' } })).rejects.toThrow(
      expect.objectContaining({ code: 'no_devices', status: 422 }),
    );
  });

  it('is refused where devices could not take it, and names the first of them', async () => {
    bench.registry.update('d01', { profile: null });
    for (const id of ids(10).slice(2)) bench.registry.update(id, { profile: null });
    const wanted = { devices: [...ids(10), 'nobody'], name: 'explode' };
    await expect(bench.start(wanted)).rejects.toThrow(
      expect.objectContaining({
        ...{ code: 'devices_unable', status: 422 },
        message: expect.stringMatching(
          /^2 of 11 devices would refuse: d00: unknown_command: .*; nobody: not_found: there is no such device$/,
        ),
      }),
    );
    expect(bench.jobs.list({ limit: 10 }).items).toEqual([]);
    const { id } = await bench.start({ ...wanted, skipUnable: true });
    expect(counts(id)).toEqual({ skipped: 2, waiting: 9 });
    await expect(bench.start({ name: 'explode', devices: ['d00'], skipUnable: true })).rejects.toThrow(
      /devices_unable|refuse/,
    );
  });

  it('refuses what is offline in its turn, keeps it with queue, and goes on', async () => {
    bench.connectAll(ids(2));
    const { id } = await bench.start({ devices: ids(4), perSecond: 100 });
    const kept = await bench.start({ devices: ids(4), perSecond: 100, queue: true, name: 'level.set' });
    await bench.pass(100);
    expect(bench.states(id)).toEqual(['sent', 'sent', 'refused', 'refused']);
    expect(bench.jobs.devices(id, 'refused', { limit: 1 })).toMatchObject({
      items: [{ device: 'd02', command: null, error: { code: 'device_offline' } }],
      next: expect.any(String),
    });
    expect(bench.states(kept.id)).toEqual(['queued', 'queued', 'queued', 'queued']);
    bench.connectAll(['d02']);
    expect(bench.states(kept.id)).toEqual(['queued', 'queued', 'sent', 'queued']);
  });

  it('follows late answers, and tells what telemetry proves', async () => {
    bench.connectAll();
    const { id } = await bench.start({
      devices: ['d00', 'd01'],
      name: 'relay.set',
      params: { on: true },
      perSecond: 100,
    });
    await bench.pass(100);
    await bench.pass(6_000);
    expect(counts(id)).toEqual({ timed_out: 2 });
    bench.commands.observe([bench.reading({ relay: true }, 'd00')]);
    bench.answerAll();
    expect(bench.jobs.devices(id, null, { limit: 2 }).items).toMatchObject([
      { state: 'succeeded', verification: 'verified', error: null },
      { state: 'succeeded', verification: 'pending' },
    ]);
    const { verifications } = bench.jobs.get(id);
    expect(verifications).toEqual({ pending: 1, verified: 1, contradicted: 0, unverified: 0 });
  });

  it('ten at a time, and no more', async () => {
    for (let n = 0; n < 10; n++) await bench.start();
    await expect(bench.start()).rejects.toThrow(
      expect.objectContaining({ code: 'too_many_jobs', status: 409 }),
    );
  });

  it('happens once for requests with the same key', async () => {
    const request = { scope: 't /jobs', key: 'k', bodyHash: 'h' };
    const wanted = { devices: ids(2), name: 'identify' };
    const first = await bench.jobs.start(wanted, OPERATOR, request);
    expect((await bench.jobs.start(wanted, OPERATOR, request)).id).toBe(first.id);
    expect(bench.jobs.list({ limit: 10 }).items).toHaveLength(1);
    await expect(bench.jobs.start(wanted, OPERATOR, { ...request, bodyHash: 'o' })).rejects.toThrow(
      expect.objectContaining({ code: 'idempotency_conflict' }),
    );
  });
});

describe('the end of a job', () => {
  it('cancelled: no more is sent, what was queued is taken back, what was sent is waited for', async () => {
    bench.connectAll(ids(2));
    const { id } = await bench.start({ perSecond: 100, queue: true });
    await bench.pass(40);
    expect(counts(id)).toMatchObject({ sent: 2, queued: 3, waiting: 5 });
    const job = bench.jobs.cancel(id, { name: 'bob', address: '192.0.2.8' });
    expect(job).toMatchObject({ state: 'cancelled', finishedAt: null, reason: { code: 'job_cancelled' } });
    expect(counts(id)).toEqual({ sent: 2, cancelled: 3, skipped: 5 });
    expect(() => bench.jobs.cancel(id, OPERATOR)).toThrow(
      expect.objectContaining({ code: 'already_ended', status: 409 }),
    );
    bench.connectAll();
    await bench.pass(1_000);
    bench.answerAll();
    expect(bench.jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: bench.nowMs });
    expect(counts(id)).toEqual({ succeeded: 2, cancelled: 3, skipped: 5 });
    expect(deedsOf(id)).toEqual([
      ['job.started', 'ok'],
      ['job.cancelled', 'job_cancelled'],
      ['job.finished', 'job_cancelled'],
    ]);
  });

  it('aborted after so many failures, but not before enough devices are done', async () => {
    bench.connectAll();
    const abortAfterFailures = { percent: 40, minimum: 5 };
    const { id } = await bench.start({ perSecond: 50, abortAfterFailures });
    const fails = (device: string) => (device < 'd02' ? 'error' : 'ok');
    for (let n = 0; n < 4; n++) {
      await bench.pass(n === 0 ? 0 : 20);
      bench.answerAll(fails);
    }
    expect(bench.jobs.get(id).state).toBe('running');
    await bench.pass(20);
    bench.answerAll(fails);
    expect(bench.jobs.get(id)).toMatchObject({
      state: 'aborted',
      reason: { code: 'job_aborted', message: '2 of 5 devices failed' },
    });
    await bench.pass(1_000);
    expect(counts(id)).toEqual({ failed: 2, succeeded: 3, skipped: 5 });
    expect(deedsOf(id).at(-1)).toEqual(['job.finished', 'job_aborted']);
  });

  it('aborted by some that expire together: those are expired, and none of them is cancelled afterwards', async () => {
    const { id } = await bench.start({
      ...{ perSecond: 500, queue: true, ttl: 5_000 },
      abortAfterFailures: { percent: 1, minimum: 1 },
    });
    await bench.pass(100);
    expect(counts(id)).toEqual({ queued: 10 });
    bench.nowMs += 5_000;
    // At once, so that they fall due together.
    vi.advanceTimersByTime(5_000);
    await new Promise(setImmediate);
    await bench.pass(0);
    expect(counts(id)).toEqual({ expired: 10 });
    const items = entriesOf(bench.audit, { action: 'command.cancelled' });
    expect(items).toEqual([]);
  });

  it('what telemetry contradicts counts as a failure, though the devices say ok', async () => {
    bench.connectAll();
    const { id } = await bench.start({
      ...{ devices: ids(2), name: 'relay.set', params: { on: true }, perSecond: 0.01 },
      abortAfterFailures: { percent: 1, minimum: 1 },
    });
    await bench.pass(1);
    bench.answerAll();
    bench.nowMs += 1;
    bench.commands.observe([bench.reading({ relay: false }, 'd00')]);
    await bench.pass(3_000);
    expect(bench.jobs.get(id)).toMatchObject({
      state: 'aborted',
      reason: { message: '1 of 1 devices failed' },
    });
  });
});

describe('a job of many devices', () => {
  const many = Array.from({ length: 1_200 }, (_, n) => `m${n}`);
  const request = { scope: 't /jobs', key: 'k', bodyHash: 'h' };
  const begin = (over = {}) =>
    bench.jobs.start({ devices: many, name: 'identify' }, OPERATOR, { ...request, ...over });
  /** What is done in turns has had them. */
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  };
  const rows = () => bench.state.select({ n: integer('count(*)') }, 'FROM job_devices').get()?.n;

  beforeEach(() => {
    bench.state.transaction(() => {
      for (const id of many) bench.registry.create({ id, profile: 'relay-board' });
    });
  });

  it('lets others have their turn while it is written, and is there as a whole or not at all', async () => {
    const started = begin();
    const turns = { taken: 0, sawJobs: 0 };
    const turn = () => {
      turns.taken++;
      turns.sawJobs += bench.jobs.list({ limit: 10 }).items.length;
      if (turns.taken < 2) setImmediate(turn);
    };
    setImmediate(turn);
    const { id, counts } = await started;
    expect(turns.taken).toBeGreaterThan(0);
    expect(turns.sawJobs).toBe(0);
    expect(counts.waiting).toBe(1_200);
    const states = bench.jobs.devices(id, null, { limit: 2_000 }).items;
    expect(states.map(({ device }) => device)).toEqual(many);
  });

  it('leaves nothing behind where the hub is killed meanwhile', async () => {
    const started = begin().catch(({ code }) => code);
    expect(rows()).toBe(500);
    bench.crash();
    expect(await started).toBe('stopping');
    expect(rows()).toBe(0);
    expect(bench.jobs.list({ limit: 10 }).items).toEqual([]);
    expect((await begin()).counts.waiting).toBe(1_200);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    const empty = bench.fillDisk();
    await expect(begin()).rejects.toMatchObject({ code: 'state_unwritable' });
    empty();
    await settled();
    expect(rows()).toBe(0);
    expect((await begin()).counts.waiting).toBe(1_200);
  });

  it('is left out in turns where it ends early, over a restart too', async () => {
    const { id } = await begin();
    expect(bench.jobs.cancel(id, OPERATOR).counts).toMatchObject({ waiting: 700, skipped: 500 });
    bench.crash();
    expect(counts(id)).toEqual({ waiting: 200, skipped: 1_000 });
    expect(bench.jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: null });
    await settled();
    expect(counts(id)).toEqual({ skipped: 1_200 });
    expect(bench.jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: bench.nowMs });
    const told = entriesOf(bench.audit, { subject: `job:${id}` });
    expect(told.map(({ action, details }) => [action, details])).toMatchObject([
      ['job.finished', { counts: { skipped: 1_200 } }],
      ['job.cancelled', { counts: { skipped: 1_200 } }],
      ['job.started', {}],
    ]);
  });

  it('is forgotten in turns', async () => {
    const { id } = await begin();
    bench.jobs.cancel(id, OPERATOR);
    await settled();
    for (let n = 0; n < 50; n++) bench.jobs.cancel((await bench.start({ devices: ['d00'] })).id, OPERATOR);
    expect(bench.jobs.get(id).state).toBe('cancelled');
    await bench.start({ devices: ['d00'] });
    expect(() => bench.jobs.get(id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(rows()).toBeGreaterThan(500);
    await settled();
    expect(rows()).toBe(51);
  });

  it('is one, though its request comes again before it is written', async () => {
    const [first, again, other] = await Promise.allSettled([begin(), begin(), begin({ bodyHash: 'o' })]);
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(again).toMatchObject({ value: { id: first.status === 'fulfilled' && first.value.id } });
    expect(other).toMatchObject({ reason: { code: 'idempotency_conflict' } });
    expect(bench.jobs.list({ limit: 10 }).items).toHaveLength(1);
  });
});

describe('a job over a restart', () => {
  it('goes on, waits for devices to come back, and gives none its command twice', async () => {
    bench.connectAll();
    const { id } = await bench.start({ perSecond: 50 });
    await bench.pass(80);
    const before = ids(10).flatMap((device) => bench.sent(device));
    expect(before).toHaveLength(5);
    bench.crash();
    bench.links.clear();
    await bench.pass(2_000);
    expect(counts(id)).toEqual({ sent: 5, waiting: 5 });
    // The later ones come back first.
    bench.connectAll(ids(10).slice(3));
    await bench.pass(500);
    bench.answerAll();
    expect(counts(id)).toEqual({ succeeded: 7, sent: 3 });
    bench.connectAll(ids(3));
    expect(ids(3).flatMap((device) => bench.links.get(device)?.frames.map(({ again }) => again))).toEqual([
      true,
      true,
      true,
    ]);
    bench.answerAll();
    expect(bench.jobs.get(id)).toMatchObject({ state: 'done', counts: { succeeded: 10 } });
    const given = bench.jobs.devices(id, null, { limit: 100 }).items.map(({ command }) => command);
    expect(new Set(given).size).toBe(10);
    expect(given.slice(0, 5)).toEqual(before);
    expect(bench.store.list({}, { limit: 100 }).items).toHaveLength(10);
  });

  it('does not wait for ever for those that stay away', async () => {
    bench.connectAll();
    const { id } = await bench.start({ perSecond: 0.1 });
    await bench.pass(0);
    bench.crash();
    await bench.pass(60_000 + 100_000);
    expect(counts(id)).toEqual({ timed_out: 1, refused: 9 });
    expect(bench.jobs.get(id).state).toBe('done');
  });

  it('that was cancelled just before takes back what it had not', async () => {
    const { id } = await bench.start({ perSecond: 100, queue: true });
    await bench.pass(40);
    vi.spyOn(bench.commands, 'cancelAll').mockImplementation(() => undefined);
    bench.jobs.cancel(id, OPERATOR);
    expect(counts(id)).toEqual({ queued: 5, skipped: 5 });
    bench.crash();
    await bench.pass(0);
    expect(counts(id)).toEqual({ cancelled: 5, skipped: 5 });
    expect(bench.jobs.get(id)).toMatchObject({ state: 'cancelled', finishedAt: bench.nowMs });
  });
});

describe('a job of somebody whom nobody trusts any more', () => {
  const ci = { name: 'ci', kind: 'token', id: 't1' } as const;
  const wanted = { devices: ids(10), name: 'identify', queue: true, perSecond: 100 };

  it('ends, and takes back what was not sent; others go on', async () => {
    bench.connectAll(['d00']);
    const [{ id }, other] = [await bench.jobs.start(wanted, ci), await bench.start({ devices: ['d09'] })];
    await bench.pass(20);
    expect(counts(id)).toEqual({ sent: 1, queued: 2, waiting: 7 });
    bench.barred.add('token:t1');
    bench.jobs.cancelBarred();
    expect(bench.jobs.get(id)).toMatchObject({ state: 'cancelled', reason: { code: 'giver_barred' } });
    expect(counts(id)).toEqual({ sent: 1, cancelled: 2, skipped: 7 });
    expect(deedsOf(id).at(-1)).toEqual(['job.cancelled', 'giver_barred']);
    expect(bench.jobs.get(other.id).reason).toBeNull();
  });

  it('ends as it begins, where that was while it was written', async () => {
    const started = bench.jobs.start(wanted, ci);
    bench.barred.add('token:t1');
    expect(await started).toMatchObject({ state: 'cancelled', counts: { skipped: 10 } });
  });
});

describe('trouble', () => {
  it('a full disk keeps every device its turn', async () => {
    bench.connectAll();
    const { id } = await bench.start({ perSecond: 50 });
    await bench.pass(0);
    const empty = bench.fillDisk();
    await bench.pass(2_000);
    bench.answerAll();
    expect(ids(10).flatMap((device) => bench.sent(device))).toHaveLength(1);
    empty();
    await bench.pass(2_000);
    bench.answerAll();
    await bench.pass(2_000);
    expect(bench.jobs.get(id)).toMatchObject({ state: 'done', counts: { succeeded: 10 } });
  });

  it('a deleted device is no reason to wait', async () => {
    bench.devices.onBarred((device, reason) => bench.commands.barred(device.id, reason));
    bench.connectAll(['d00']);
    const { id } = await bench.start({ devices: ids(3), perSecond: 100, queue: true });
    await bench.pass(0);
    await bench.pass(10);
    bench.registry.delete('d00');
    bench.registry.delete('d01');
    bench.registry.delete('d02');
    await bench.pass(100);
    expect(
      bench.jobs.devices(id, null, { limit: 3 }).items.map(({ state, error }) => [state, error?.code]),
    ).toEqual([
      ['timed_out', 'device_deleted'],
      expect.arrayContaining([expect.stringMatching(/cancelled|refused/)]),
      ['refused', 'not_found'],
    ]);
    expect(bench.jobs.get(id).state).toBe('done');
  });

  it('keeps the newest fifty that have finished', async () => {
    bench.connectAll(['d00']);
    const request = { scope: 't /jobs', key: 'k', bodyHash: 'h' };
    for (let n = 0; n < 55; n++) {
      await bench.start({ devices: ['d00'] });
      await bench.pass(0);
      bench.answerAll();
      bench.links.get('d00')?.frames.splice(0);
      if (n === 0) await bench.jobs.start({ devices: ['d00'], name: 'identify' }, OPERATOR, request);
    }
    await expect(bench.jobs.start({ devices: ['d00'], name: 'identify' }, OPERATOR, request)).rejects.toThrow(
      expect.objectContaining({ code: 'job_forgotten', status: 409 }),
    );
    expect(bench.jobs.list({ limit: 100 }).items.length).toBeLessThanOrEqual(52);
  });
});
