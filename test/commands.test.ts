import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { run } from './kit/run.js';
import { ViewerClient } from './kit/viewer-client.js';

let hub: HubProcess;
let id: string;
let token: string;
let count = 0;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.dispose());
beforeEach(async () => {
  id = `relay-${++count}`;
  token = await hub.http.addDevice(id, { profile: 'env-sensor' });
});

type Command = Readonly<Record<string, unknown>> & { readonly id: string };

async function connect(boot = 'b1', caps = ['command', 'reconnect']): Promise<DeviceClient> {
  const device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot, seq: 0, caps });
  return device;
}

async function give(body: object, query = ''): Promise<Command> {
  const answer = await hub.http.request(`/api/v1/devices/${id}/commands${query}`, { body });
  if (answer.status > 202) throw new Error(answer.text);
  return answer.json<Command>();
}

const commandLine = (...args: string[]) =>
  run('env', [
    ...[`FIELDLINE_URL=${hub.url}`, `FIELDLINE_API_TOKEN=${ADMIN_TOKEN}`],
    ...[process.execPath, `${ROOT}hub/bin/fieldline.cjs`, ...args],
  ]);
const show = (command: string) => hub.http.get(`/api/v1/commands/${command}`);
const relayOn = { name: 'relay.set', params: { on: true } };

describe('a command', () => {
  it('reaches the device, is answered, and telemetry proves it; viewers see every step', async () => {
    const device = await connect();
    const viewer = await ViewerClient.connect(hub.url, ADMIN_TOKEN);
    viewer.send({ type: 'subscribe', id: 1, devices: [id], what: ['command'] });
    await viewer.take('snapshot');
    const waiting = give(relayOn, '?wait=10000');
    const frame = await device.take('command');
    expect(frame).toMatchObject({ name: 'relay.set', params: { on: true } });
    device.send({ type: 'result', id: frame.id, status: 'accepted' });
    device.send({ type: 'result', id: frame.id, status: 'ok', result: { on: true } });
    const ended = await waiting;
    expect(ended).toMatchObject({ state: 'succeeded', result: { on: true } });
    device.send({ relay: true });
    const states: unknown[] = [];
    for (;;) {
      const { command } = (await viewer.take('command')) as unknown as { command: Command };
      states.push(command.verification === 'verified' ? 'verified' : command.state);
      if (command.verification === 'verified') break;
    }
    expect(states).toEqual(['queued', 'sent', 'accepted', 'succeeded', 'verified']);
    await viewer.close();
    await device.close();
  });

  it('whose hub is killed before the answer is asked for again, and the answer is believed', async () => {
    const device = await connect();
    const { id: command } = await give(relayOn);
    await device.take('command');
    await hub.kill9();
    await device.end();
    await hub.start();
    const back = await connect();
    const again = await back.take('command');
    expect(again).toMatchObject({ id: command, again: true });
    back.send({ type: 'result', id: command, status: 'ok' });
    await expect.poll(() => show(command)).toMatchObject({ state: 'succeeded' });
    await back.close();
  });

  it('whose answer does not come ends as unknown, and is corrected when it comes late', async () => {
    const device = await connect();
    const { id: command } = await give(relayOn);
    await device.take('command');
    await device.close();
    const rebooted = await connect('b2');
    await expect.poll(() => show(command)).toMatchObject({ state: 'timed_out', error: { code: 'rebooted' } });
    rebooted.send({ type: 'result', id: command, status: 'error', code: 'jammed', message: 'stuck' });
    await expect.poll(() => show(command)).toMatchObject({ state: 'failed', error: { code: 'jammed' } });
    rebooted.send({ type: 'result', id: command, status: 'ok' });
    rebooted.send({ type: 'time', uptime: 1 });
    await rebooted.take('time');
    expect(await show(command)).toMatchObject({ state: 'failed' });
    await rebooted.close();
  });

  it('cannot be answered by another device', async () => {
    const device = await connect();
    const { id: command } = await give(relayOn);
    const otherToken = await hub.http.addDevice(`${id}-other`);
    const other = await DeviceClient.connect(hub.url, { token: otherToken });
    await other.hello();
    other.send({ type: 'result', id: command, status: 'ok' });
    other.send({ type: 'time', uptime: 1 });
    await other.take('time');
    expect(await show(command)).toMatchObject({ state: 'sent' });
    const audit = await hub.http.get<{ items: object[] }>(
      `/api/v1/audit?action=command.foreign_answer&subject=device:${id}`,
    );
    expect(audit.items).toMatchObject([{ actor: `device:${id}-other`, result: 'refused' }]);
    await other.close();
    await device.close();
  });

  it('that would not fit into what the device can take is refused', async () => {
    const device = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice(`${id}-small`) });
    await device.hello({ boot: 'b1', seq: 0, caps: ['command'], rxMax: 1_024 });
    const params = Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`p${n}`, 'x'.repeat(200)]));
    const answer = await hub.http.request(`/api/v1/devices/${id}-small/commands`, {
      body: { name: 'big', params },
    });
    expect([answer.status, answer.json().code]).toEqual([422, 'too_large']);
    await device.close();
  });

  it('waits for a device that is away, also over a kill, and goes out in order', async () => {
    const first = await give({ ...relayOn, queue: true });
    const second = await give({ name: 'identify', queue: true });
    await hub.kill9();
    await hub.start();
    const device = await connect();
    for (const command of [first, second]) {
      expect(await device.take('command')).toMatchObject({ id: command.id });
      device.send({ type: 'result', id: command.id, status: 'ok' });
    }
    await device.close();
  });

  it('waits ten deep, and goes out oldest first to a device that comes back; what has expired meanwhile does not', async () => {
    const late = await give({ ...relayOn, queue: true, ttl: 50 });
    const given: Command[] = [];
    for (let seconds = 1; seconds <= 10; seconds++) {
      given.push(await give({ name: 'identify', params: { seconds }, queue: true }));
    }
    await expect.poll(() => show(late.id)).toMatchObject({ state: 'expired', sentAt: null });
    const device = await connect();
    for (const [at, command] of given.entries()) {
      const frame = await device.take('command');
      expect(frame).toMatchObject({ id: command.id, params: { seconds: at + 1 } });
      expect(frame).not.toHaveProperty('again');
      device.send({ type: 'result', id: frame.id, status: 'ok' });
    }
    await expect.poll(() => show(given[9]?.id ?? '')).toMatchObject({ state: 'succeeded' });
    expect(device.messages.filter(({ type }) => type === 'command')).toHaveLength(10);
    await device.close();
  });

  it('whose device is cut off is timed out, and known again once it is back', async () => {
    const device = await connect();
    const { id: command } = await give(relayOn);
    await device.take('command');
    device.socket.terminate();
    await device.end();
    await expect.poll(() => show(command), { timeout: 15_000 }).toMatchObject({ state: 'timed_out' });
    const back = await connect();
    expect(await back.take('command')).toMatchObject({ id: command, again: true });
    back.send({ type: 'result', id: command, status: 'error', code: 'unknown_id' });
    await expect.poll(() => show(command)).toMatchObject({ state: 'failed', error: { code: 'unknown_id' } });
    await back.close();
  });

  it('is taken back when the token is revoked that its device uses; one with another token keeps its own', async () => {
    const device = await connect();
    const sent = await give(relayOn);
    const [waits, queued] = [await give(relayOn), await give({ ...relayOn, queue: true })];
    const { items } = await hub.http.get<{ items: { id: string }[] }>(`/api/v1/devices/${id}/tokens`);
    await hub.http.request(`/api/v1/devices/${id}/tokens/${items[0]?.id}`, { method: 'DELETE' });
    expect((await device.end()).code).toBe(4401);
    for (const one of [waits, queued]) expect(await show(one.id)).toMatchObject({ state: 'cancelled' });
    expect(await show(sent.id)).toMatchObject({ state: 'sent' });
    const metrics = await hub.http.request('/metrics');
    expect(metrics.text).toMatch(/^fieldline_commands_total\{state="cancelled"\} [1-9]/m);
  });

  it('that waits for its turn survives a takeover, and goes out over the newer connection', async () => {
    const older = await connect();
    const first = await give(relayOn);
    const second = await give({ name: 'identify' });
    await older.take('command');
    const newer = await connect();
    expect((await older.end()).code).toBe(4409);
    expect(await newer.take('command')).toMatchObject({ id: first.id, again: true });
    newer.send({ type: 'result', id: first.id, status: 'ok' });
    const frame = await newer.take('command');
    expect(frame).toMatchObject({ id: second.id });
    expect(frame).not.toHaveProperty('again');
    newer.send({ type: 'result', id: second.id, status: 'ok' });
    await expect.poll(() => show(second.id)).toMatchObject({ state: 'succeeded' });
    await newer.close();
  });

  it('whose device is deleted ends for those who wait for it', async () => {
    const device = await connect();
    const waiting = [give(relayOn, '?wait=20000'), give({ name: 'identify', queue: true }, '?wait=20000')];
    await device.take('command');
    await expect
      .poll(() => hub.http.get(`/api/v1/devices/${id}/commands?state=queued`))
      .toMatchObject({ items: [{ name: 'identify' }] });
    await hub.http.request(`/api/v1/devices/${id}`, { method: 'DELETE' });
    expect(await Promise.all(waiting)).toMatchObject([
      { state: 'timed_out', error: { code: 'device_deleted' } },
      { state: 'cancelled', error: { code: 'device_barred' } },
    ]);
    expect((await device.end()).code).toBe(4401);
  });

  it('under way while the hub stops keeps nobody waiting, and is known after the restart', async () => {
    const device = await connect();
    const waiting = give(relayOn, '?wait=60000');
    const frame = await device.take('command');
    const queued = await give({ name: 'identify', queue: true });
    const restarted = hub.restart();
    expect(await waiting).toMatchObject({ id: frame.id, state: 'sent' });
    await restarted;
    const back = await connect();
    expect(await back.take('command')).toMatchObject({ id: frame.id, again: true });
    back.send({ type: 'result', id: frame.id, status: 'ok' });
    expect(await back.take('command')).toMatchObject({ id: queued.id });
    await expect.poll(() => show(String(frame.id))).toMatchObject({ state: 'succeeded' });
    await back.close();
  });

  it('two operators at once: both are done, one after the other', async () => {
    const device = await connect();
    const both = [give(relayOn, '?wait=10000'), give({ name: 'identify' }, '?wait=10000')];
    for (let n = 0; n < 2; n++) {
      const { id: command } = await device.take('command');
      expect(device.messages.filter(({ type }) => type === 'command')).toHaveLength(n + 1);
      device.send({ type: 'result', id: command, status: 'ok' });
    }
    for (const command of await Promise.all(both)) expect(command).toMatchObject({ state: 'succeeded' });
    await device.close();
  });

  it('of the command line tells what is known, by words and by its exit code', async () => {
    const device = await connect();
    const fieldline = (...args: string[]) => commandLine('send', id, ...args);
    const done = fieldline('identify', 'seconds=3', '--wait');
    const frame = await device.take('command');
    expect(frame.params).toEqual({ seconds: 3 });
    device.send({ type: 'result', id: frame.id, status: 'ok' });
    expect(await done).toContain('identify: succeeded');
    await expect(fieldline('identify', 'seconds=99')).rejects.toMatchObject({ code: 1 });
    await device.close();
    await expect(fieldline('identify')).rejects.toMatchObject({ code: 1 });
    await expect(fieldline('identify', '--queue', '--ttl', '8d')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('at most 7 days'),
    });
    expect(await fieldline('identify', '--queue', '--ttl', '1h')).toContain('queued');
  });

  it('is listed, shown and taken back on the command line, and so is who did it', async () => {
    const given = JSON.parse(await commandLine('send', id, 'identify', 'seconds=7', '--queue', '--json'));
    const listed = await commandLine('command', 'list', '--device', id, '--state', 'queued');
    expect(listed).toMatch(new RegExp(`^${given.id} +${id} +identify +seconds=7 .*queued`, 'm'));
    expect(listed).not.toContain('succeeded');
    const all = (await commandLine('command', 'list', '-n', '1', '--json')).trim().split('\n');
    expect(all.map((line) => JSON.parse(line))).toEqual([given]);
    expect(await commandLine('command', 'show', given.id)).toMatch(/^may wait +3600 s, also for a device/m);
    expect(await commandLine('command', 'cancel', given.id)).toContain('identify: cancelled');
    const again = commandLine('command', 'cancel', given.id);
    await expect(again).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('already_sent') });
    await expect(commandLine('command', 'show', 'nothing')).rejects.toMatchObject({ code: 5 });

    const about = ['audit', '--subject', `device:${id}`, '--action', 'command', '--from', '1h'];
    const lines = (await commandLine(...about, '-n', '2')).trim().split('\n');
    expect(lines[1]).toMatch(/command\.cancelled +device:/);
    expect(lines).toHaveLength(3);
    const csv = (await commandLine(...about, '--csv')).split('\n');
    expect(csv[0]).toBe('id,time,actor,address,action,subject,result,details');
    expect(csv[1]).toContain(given.id);
    const first = JSON.parse((await commandLine(...about, '--json')).split('\n')[0] ?? '');
    expect(first).toMatchObject({ action: 'command.cancelled', details: { id: given.id } });
    await expect(commandLine('audit', '--from', 'soon')).rejects.toMatchObject({ code: 2 });
  });
});
