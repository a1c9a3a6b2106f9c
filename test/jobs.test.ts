import type { JobDeviceView, JobView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AnsweringDevice, type Manner } from './kit/answering-device.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { run } from './kit/run.js';

let hub: HubProcess;
let group = 0;
let devices: AnsweringDevice[] = [];

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.dispose());
beforeEach(() => {
  group++;
});

/** A group of devices that are connected, registered with the tag `group`. */
async function fleet(count: number, mannerOf: (at: number) => Manner): Promise<void> {
  devices = [];
  for (let at = 0; at < count; at++) {
    const id = `g${group}-${String(at).padStart(2, '0')}`;
    const token = await hub.http.addDevice(id, { profile: 'env-sensor', tags: { group: `g${group}` } });
    devices.push(new AnsweringDevice(id, token, mannerOf(at)));
  }
  await connectAll();
  onTestFinished(() => {
    for (const device of devices) device.drop();
  });
}

const connectAll = () => Promise.all(devices.map((device) => device.connect(hub.url)));

async function start(body: object): Promise<JobView> {
  const wanted = { devices: { tags: { group: `g${group}` } }, name: 'identify', ...body };
  const answer = await hub.http.request('/api/v1/jobs', { body: wanted });
  if (answer.status !== 202) throw new Error(answer.text);
  return answer.json<JobView>();
}

const show = (id: string) => hub.http.get<JobView>(`/api/v1/jobs/${id}`);
const ended = (id: string) =>
  expect.poll(async () => (await show(id)).finishedAt, { timeout: 20_000 }).toEqual(expect.any(Number));
const executions = () => devices.map(({ executed }) => executed.length);

describe('a job', () => {
  it('of fifty devices gives up when three of them have failed', async () => {
    const fails = { answer: { status: 'error', code: 'jammed', message: 'stuck' } };
    await fleet(50, (at) => (at === 3 || at === 11 || at === 19 ? fails : {}));
    const { id } = await start({ perSecond: 40, abortAfterFailures: { percent: 15, minimum: 10 } });
    await ended(id);
    const job = await show(id);
    expect(job).toMatchObject({ state: 'aborted', devices: 50, reason: { code: 'job_aborted' } });
    expect(job.counts.failed).toBeGreaterThanOrEqual(2);
    expect(job.counts.skipped).toBeGreaterThan(20);
    const { items } = await hub.http.get<Page<JobDeviceView>>(`/api/v1/jobs/${id}/devices?state=failed`);
    expect(items[0]).toMatchObject({ device: `g${group}-03`, error: { code: 'jammed', message: 'stuck' } });
    const audit = await hub.http.get<{ items: object[] }>(`/api/v1/audit?subject=job:${id}`);
    expect(audit.items).toMatchObject([
      { action: 'job.finished' },
      { action: 'job.aborted', actor: 'hub' },
      { action: 'job.started' },
    ]);
  });

  it('goes on after a kill in the middle of it, and no device gets its command twice', async () => {
    // Some do not answer at first: the hub has to ask them for what they have done.
    await fleet(30, (at) => ({ isQuiet: at < 9 && at % 3 === 0 }));
    const { id } = await start({ perSecond: 20 });
    await expect.poll(() => executions().filter((count) => count > 0).length).toBeGreaterThan(8);
    await hub.kill9();
    const before = executions().filter((count) => count > 0).length;
    expect(before).toBeLessThan(30);
    await hub.start();
    await connectAll();
    await ended(id);
    await expect.poll(() => show(id)).toMatchObject({ state: 'done', counts: { succeeded: 30 } });
    expect(executions()).toEqual(devices.map(() => 1));
    const given = await hub.http.get<Page<object>>('/api/v1/commands?limit=1000');
    const ours = given.items.filter((one) => 'device' in one && String(one.device).startsWith(`g${group}-`));
    expect(ours).toHaveLength(30);
  });

  it('is cancelled: no more is sent, and what waited for a device that is away is taken back', async () => {
    await fleet(6, () => ({}));
    for (const device of devices.slice(0, 2)) device.drop();
    await expect
      .poll(() => hub.http.get<Page<object>>(`/api/v1/devices?tag.group=g${group}&online=false`))
      .toMatchObject({ items: [{}, {}] });
    const { id } = await start({ perSecond: 2, queue: true });
    await expect.poll(async () => (await show(id)).counts.queued).toBe(2);
    const cancelled = await hub.http.request(`/api/v1/jobs/${id}`, { method: 'DELETE' });
    expect(cancelled.json()).toMatchObject({ state: 'cancelled' });
    await ended(id);
    const { counts } = await show(id);
    expect(counts.cancelled).toBe(2);
    expect(counts.succeeded + counts.skipped).toBe(4);
    await connectAll();
    expect(executions().slice(0, 2)).toEqual([0, 0]);
  });

  it('of the command line shows how far it is, and tells the end by its exit code', async () => {
    await fleet(4, (at) => (at === 2 ? { answer: { status: 'rejected', code: 'locked' } } : {}));
    const fieldline = (...args: string[]) =>
      run('env', [
        ...[`FIELDLINE_URL=${hub.url}`, `FIELDLINE_API_TOKEN=${ADMIN_TOKEN}`],
        ...[process.execPath, `${ROOT}hub/bin/fieldline.cjs`, 'job', ...args],
      ]);
    const tag = `group=g${group}`;
    const failed = fieldline('start', 'identify', 'seconds=2', '--tag', tag, '--rate', '100', '--wait');
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('identify to 4 devices: done\n  3 succeeded, 1 rejected\n'),
    });
    const done = JSON.parse(
      await fieldline('start', 'identify', '-d', `g${group}-00`, '--wait', '--json'),
    ) as JobView;
    expect(done).toMatchObject({ state: 'done', counts: { succeeded: 1 } });
    await expect(fieldline('start', 'explode', '--tag', tag)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('4 of 4 devices would refuse'),
    });
    await expect(fieldline('start', 'identify')).rejects.toMatchObject({ code: 2 });
    const list = await fieldline('list');
    expect(list).toContain('1 succeeded');
    const id = list.split('\n')[2]?.split(' ')[0] ?? '';
    expect(await fieldline('show', id)).toMatch(/g\d+-02 +rejected +locked:/);
    await expect(fieldline('cancel', id)).rejects.toMatchObject({ code: 1 });
  });
});
