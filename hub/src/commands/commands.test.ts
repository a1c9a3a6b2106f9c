import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entriesOf } from '../state/state.fixture.js';
import { viewCommand } from './command.js';
import { CommandBench, OPERATOR } from './commands.fixture.js';

let bench: CommandBench;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  bench = new CommandBench().open(['r1', 'r2']);
});
afterEach(() => {
  bench.close();
  vi.useRealTimers();
});

const on = { name: 'relay.set', params: { on: true } };
const give = (wanted = {}, device = 'r1') => bench.commands.give(device, { ...on, ...wanted }, OPERATOR);

/** Lets time pass, for the hub's clock and its timers. */
async function pass(ms: number): Promise<void> {
  bench.nowMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise(setImmediate);
}

describe('giving a command', () => {
  it('sends it at once to a device that is there, and waits for its answer', async () => {
    const link = bench.connect();
    const given = give();
    expect(given).toMatchObject({ state: 'sent', sentAt: bench.nowMs, by: 'ada', verification: 'pending' });
    expect(link.frames).toEqual([
      { type: 'command', id: given.id, name: 'relay.set', params: { on: true }, ttl: 10_000 },
    ]);
    const ended = bench.commands.ended(given.id, 5_000);
    bench.commands.answered('r1', { id: given.id, status: 'accepted' });
    bench.commands.answered('r1', { id: given.id, status: 'ok', result: { on: true } });
    expect(await ended).toMatchObject({ state: 'succeeded', result: { on: true }, finishedAt: bench.nowMs });
    expect(bench.deeds()).toEqual([
      'command.queued',
      'command.sent',
      'command.accepted',
      'command.succeeded',
    ]);
    expect(bench.told.map(({ state }) => state)).toEqual(['queued', 'sent', 'accepted', 'succeeded']);
  });

  it('is refused where the device is disabled, since what waited for it was taken back, too', () => {
    bench.registry.update('r1', { disabled: true });
    expect(() => give({ queue: true })).toThrow(
      expect.objectContaining({ code: 'device_offline', message: expect.stringContaining('disabled') }),
    );
  });

  it('sends nothing over a connection that is ending: what was not written is not called sent', () => {
    const link = bench.connect();
    link.isOpen = false;
    const { id, state } = give();
    expect(state).toBe('queued');
    bench.commands.gone('r1', link);
    expect(bench.commands.get(id)).toMatchObject({
      ...{ state: 'cancelled', sentAt: null, error: { code: 'device_offline' } },
    });
    expect(link.frames).toEqual([]);
  });

  it('is durable before the frame is written', () => {
    const link = bench.connect();
    link.sendFrame = (text) => {
      const { id } = JSON.parse(text) as { id: string };
      expect(bench.store.get(id)?.state).toBe('sent');
      link.frames.push(JSON.parse(text));
    };
    give();
    expect(link.frames).toHaveLength(1);
  });

  it('refuses what the profile does not know, and says all that is wrong', () => {
    bench.connect();
    expect(() => give({ name: 'explode' })).toThrow(
      expect.objectContaining({ code: 'unknown_command', status: 422 }),
    );
    expect(() => give({ params: { on: 1, off: 2 } })).toThrow(
      expect.objectContaining({
        code: 'bad_params',
        message: 'off: relay.set has no such parameter; on: boolean expected, got number',
      }),
    );
    expect(() => give({ params: {} })).toThrow(/on: needed/);
    expect(() => give({ name: 'identify', params: { seconds: 61 } })).toThrow(/seconds: at most 60/);
    expect(() => give({ name: 'identify', params: { color: 'blue' } })).toThrow(/one of red, green/);
    expect(bench.store.list({}, { limit: 10 }).items).toEqual([]);
  });

  it('fills in defaults', () => {
    bench.connect();
    expect(give({ name: 'identify', params: {} }).params).toEqual({ seconds: 10 });
  });

  it.each([
    ['that is offline', {}, 'device_offline', 409],
    ['that takes none', { caps: [] }, 'not_supported', 409],
    ['that cannot take so long a frame', { rxMaxBytes: 64 }, 'too_large', 422],
  ])('is refused for a device %s', (_, options, code, status) => {
    if (Object.keys(options).length > 0) bench.connect('r1', options);
    expect(() => give()).toThrow(expect.objectContaining({ code, status }));
    expect(bench.store.list({}, { limit: 10 }).items).toEqual([]);
  });

  it('is refused for a device that sleeps as for one that is offline, in other words', () => {
    const device = bench.devices.get('r1');
    if (device === undefined) throw new Error('no r1');
    device.standing.wakesBy = bench.nowMs + 60_000;
    const message = 'r1 is asleep; with queue the command would wait for it';
    expect(() => give()).toThrow(expect.objectContaining({ code: 'device_offline', message }));
  });

  it('is refused for a device that nobody knows', () => {
    expect(() => give({}, 'nobody')).toThrow(expect.objectContaining({ code: 'not_found', status: 404 }));
  });

  it('happens once for requests with the same key', () => {
    const link = bench.connect();
    const request = { scope: 't r1', key: 'k', bodyHash: 'h' };
    const first = bench.commands.give('r1', on, OPERATOR, request);
    expect(bench.commands.give('r1', on, OPERATOR, request).id).toBe(first.id);
    bench.crash();
    expect(bench.commands.give('r1', on, OPERATOR, request).id).toBe(first.id);
    expect(link.frames).toHaveLength(1);
    expect(() => bench.commands.give('r1', on, OPERATOR, { ...request, bodyHash: 'other' })).toThrow(
      expect.objectContaining({ code: 'idempotency_conflict', status: 422 }),
    );
    bench.nowMs += 86_400_001;
    bench.connect();
    expect(bench.commands.give('r1', on, OPERATOR, request).id).not.toBe(first.id);
  });
});

describe('waiting for a turn', () => {
  it('one is in flight at a time, in the order in which they were given', async () => {
    const link = bench.connect();
    const ids = [give(), give(), give()].map(({ id }) => id);
    expect(link.frames.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    for (const id of ids) {
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(0);
    }
    expect(link.frames.map(({ id }) => id)).toEqual(ids);
  });

  it('goes out at once to a device that works on several', () => {
    const link = bench.connect('r1', { caps: ['command', 'parallel'] });
    give();
    give();
    expect(link.frames).toHaveLength(2);
  });

  it('sixteen may wait; the next is refused', () => {
    bench.connect();
    for (let n = 0; n < 17; n++) give();
    expect(() => give()).toThrow(expect.objectContaining({ code: 'busy', status: 409 }));
    expect(() => give({}, 'r2')).toThrow(expect.objectContaining({ code: 'device_offline' }));
  });

  it('a disconnect takes back what lacks queue, and keeps the rest in order', async () => {
    const link = bench.connect();
    const [first, second, third, fourth] = [give(), give(), give({ queue: true }), give({ queue: true })];
    bench.commands.gone('r1', link);
    expect(bench.commands.get(second.id)).toMatchObject({
      state: 'cancelled',
      error: { code: 'device_offline' },
    });
    bench.commands.answered('r1', { id: first.id, status: 'ok' });
    const next = bench.connect();
    expect(next.frames.map(({ id }) => id)).toEqual([third.id]);
    bench.commands.answered('r1', { id: third.id, status: 'error', code: 'busy' });
    await pass(0);
    expect(next.frames.map(({ id }) => id)).toEqual([third.id, fourth.id]);
  });

  it('the end of an older connection changes nothing for a newer one', () => {
    const older = bench.connect();
    bench.connect();
    give();
    const waits = give();
    bench.commands.gone('r1', older);
    expect(bench.commands.get(waits.id).state).toBe('queued');
  });

  it('is over after its ttl, at a device that is away and at one that is busy', async () => {
    const queued = give({ queue: true, ttl: 5_000 }, 'r2');
    bench.connect();
    give({ name: 'identify', params: {} });
    const waits = give({ ttl: 4_000 });
    await pass(4_000);
    expect(bench.commands.get(waits.id).state).toBe('expired');
    await pass(1_000);
    expect(bench.commands.get(queued.id)).toMatchObject({ state: 'expired', finishedAt: bench.nowMs });
    expect(bench.connect('r2').frames).toEqual([]);
  });

  it('is over after its ttl though the hub was not running', () => {
    const { id } = give({ queue: true }, 'r2');
    bench.nowMs += 3_600_000;
    bench.crash();
    expect(bench.connect('r2').frames).toEqual([]);
    expect(bench.commands.get(id).state).toBe('expired');
  });

  it('can be taken back until it is sent', () => {
    const { id } = give({ queue: true });
    expect(bench.commands.cancel(id, OPERATOR).state).toBe('cancelled');
    const link = bench.connect();
    expect(link.frames).toEqual([]);
    const sent = give();
    expect(() => bench.commands.cancel(sent.id, OPERATOR)).toThrow(
      expect.objectContaining({ code: 'already_sent', status: 409 }),
    );
  });

  it('that has become too long for its device is taken back, and the next goes', () => {
    const long = bench.commands.give('r2', { ...on, queue: true }, OPERATOR);
    const link = bench.connect('r2', { rxMaxBytes: 50 });
    expect(link.frames).toEqual([]);
    expect(bench.commands.get(long.id)).toMatchObject({ state: 'cancelled', error: { code: 'too_large' } });
  });
});

describe('the answer', () => {
  it.each([
    ['ok', 'succeeded'],
    ['error', 'failed'],
    ['rejected', 'rejected'],
  ] as const)('%s makes it %s', (status, state) => {
    bench.connect();
    const { id } = give();
    bench.commands.answered('r1', {
      id,
      status,
      ...(status === 'ok' ? {} : { code: 'jammed', message: 'no' }),
    });
    const error = status === 'ok' ? null : { code: 'jammed', message: 'no' };
    expect(bench.commands.get(id)).toMatchObject({ state, error });
  });

  it('that does not come leaves the outcome unknown; a late one corrects it once', async () => {
    bench.connect();
    const { id } = give();
    await pass(4_999);
    expect(bench.commands.get(id).state).toBe('sent');
    await pass(1);
    expect(bench.commands.get(id)).toMatchObject({ state: 'timed_out', error: { code: 'no_answer' } });
    const finishedAt = bench.nowMs;
    await pass(60_000);
    bench.commands.answered('r1', { id, status: 'ok', result: 7 });
    expect(bench.commands.get(id)).toMatchObject({ state: 'succeeded', result: 7, error: null });
    expect(bench.commands.get(id).finishedAt).toBeGreaterThan(finishedAt);
    bench.commands.answered('r1', { id, status: 'error' });
    expect(bench.commands.get(id).state).toBe('succeeded');
  });

  it('accepted restarts the time, for an hour at the most', async () => {
    bench.connect();
    const { id } = give();
    for (let minute = 0; minute < 60; minute++) {
      for (let step = 0; step < 15; step++) {
        await pass(4_000);
        bench.commands.answered('r1', { id, status: 'accepted' });
      }
    }
    expect(bench.commands.get(id).state).toBe('timed_out');
  });

  it('is asked for again after a reconnect of the same boot, and never sent afresh', () => {
    const link = bench.connect();
    const { id } = give();
    bench.commands.gone('r1', link);
    const next = bench.connect();
    expect(next.frames).toMatchObject([{ id, again: true }]);
    bench.commands.answered('r1', { id, status: 'error', code: 'unknown_id' });
    expect(bench.commands.get(id)).toMatchObject({ state: 'failed', error: { code: 'unknown_id' } });
  });

  it.each(['b2', null])('cannot come from another boot (%s)', (boot) => {
    const link = bench.connect();
    const { id } = give();
    bench.commands.gone('r1', link);
    expect(bench.connect('r1', { boot }).frames).toEqual([]);
    expect(bench.commands.get(id)).toMatchObject({ state: 'timed_out', error: { code: 'rebooted' } });
  });

  it("to another device's command is refused, and noted", () => {
    bench.connect();
    const { id } = give();
    const stranger = bench.devices.get('r2');
    if (stranger !== undefined) stranger.address = '192.0.2.9';
    bench.commands.answered('r2', { id, status: 'ok' });
    expect(bench.commands.get(id).state).toBe('sent');
    expect(entriesOf(bench.audit, { actor: 'device:r2' })).toMatchObject([
      { action: 'command.foreign_answer', subject: 'device:r1', result: 'refused', address: '192.0.2.9' },
    ]);
  });

  it('that is too long is left out, and the command has succeeded', () => {
    bench.connect();
    const { id } = give();
    bench.commands.answered('r1', { id, status: 'ok', result: 'x'.repeat(511) });
    expect(bench.commands.get(id)).toMatchObject({
      state: 'succeeded',
      result: null,
      error: { code: 'result_too_large' },
    });
  });
});

describe('the proof', () => {
  const shows = (relay: boolean) => bench.commands.observe([bench.reading({ relay })]);
  const verdict = (id: string) => bench.commands.get(id).verification;

  async function succeeded(): Promise<string> {
    bench.connect();
    const { id } = give();
    await pass(10);
    bench.commands.answered('r1', { id, status: 'ok' });
    return id;
  }

  it('the first matching reading after it was sent verifies it, also before the answer', async () => {
    bench.connect();
    shows(true);
    const { id } = give();
    shows(true);
    expect(verdict(id)).toBe('pending');
    await pass(1);
    shows(false);
    shows(true);
    expect(verdict(id)).toBe('verified');
    bench.commands.answered('r1', { id, status: 'ok' });
    expect(bench.commands.get(id)).toMatchObject({ state: 'succeeded', verification: 'verified' });
  });

  it('is told with its time, and so is that the device began', async () => {
    bench.connect();
    const { id } = give();
    expect(viewCommand(bench.commands.get(id))).not.toHaveProperty('acceptedAt');
    await pass(10);
    bench.commands.answered('r1', { id, status: 'accepted' });
    const acceptedAt = bench.nowMs;
    await pass(10);
    bench.commands.answered('r1', { id, status: 'ok' });
    expect(viewCommand(bench.commands.get(id))).not.toHaveProperty('verifiedAt');
    await pass(10);
    shows(true);
    const verifiedAt = bench.nowMs;
    bench.crash();
    expect(viewCommand(bench.commands.get(id))).toMatchObject({ acceptedAt, verifiedAt });
  });

  it('the last reading decides when the time is over', async () => {
    const id = await succeeded();
    await pass(100);
    shows(false);
    await pass(2_899);
    expect(verdict(id)).toBe('pending');
    await pass(1);
    expect(verdict(id)).toBe('contradicted');
  });

  it.each([
    [true, 'verified'],
    [false, 'contradicted'],
  ])('what came just before the hub was killed counts: %s is %s', async (shown, expected) => {
    const id = await succeeded();
    const reading = bench.reading({ relay: shown });
    await pass(10);
    bench.restore = () => bench.devices.get('r1')?.take(reading, 1);
    bench.crash(['r1', 'r2']);
    await pass(3_000);
    expect(verdict(id)).toBe(expected);
  });

  it('what came before the command, or by a clock that was set back since, tells nothing', async () => {
    const before = bench.reading({ relay: true });
    await pass(10);
    const id = await succeeded();
    bench.restore = () => bench.devices.get('r1')?.take(before, 1);
    bench.crash(['r1', 'r2']);
    expect(verdict(id)).toBe('pending');
    const ahead = bench.reading({ relay: true });
    bench.nowMs -= 5;
    bench.restore = () => bench.devices.get('r1')?.take(ahead, 1);
    bench.crash(['r1', 'r2']);
    await pass(3_000);
    expect(verdict(id)).toBe('unverified');
  });

  it('without a reading nothing is known', async () => {
    const id = await succeeded();
    bench.commands.observe([bench.reading({ level: 1 })]);
    await pass(3_000);
    expect(verdict(id)).toBe('unverified');
  });

  it('helps where no answer came', async () => {
    bench.connect();
    const { id } = give();
    await pass(6_000);
    shows(true);
    expect(bench.commands.get(id)).toMatchObject({ state: 'timed_out', verification: 'verified' });
  });

  describe('after a verdict on a command whose answer came late', () => {
    const unanswered = async () => {
      bench.connect();
      const { id } = give();
      await pass(5_000);
      return id;
    };

    it('is what telemetry shows from the answer on', async () => {
      const id = await unanswered();
      await pass(3_000);
      expect(verdict(id)).toBe('unverified');
      await pass(7_000);
      bench.commands.answered('r1', { id, status: 'ok' });
      expect(bench.commands.get(id)).toMatchObject({ verification: 'pending', verifiedAt: null });
      await pass(2_999);
      shows(true);
      expect(bench.commands.get(id)).toMatchObject({ state: 'succeeded', verification: 'verified' });
      const told = bench.told.map(({ state, verification }) => `${state} ${verification}`);
      expect(told.slice(-3)).toEqual(['timed_out unverified', 'succeeded pending', 'succeeded verified']);
    });

    it('overrules what another command did in between', async () => {
      const id = await unanswered();
      shows(false);
      await pass(3_000);
      expect(verdict(id)).toBe('contradicted');
      await pass(1);
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(1);
      shows(true);
      expect(verdict(id)).toBe('verified');
    });

    it.each([
      [true, 'verified'],
      [false, 'contradicted'],
    ])('counts what came before the answer: %s is %s', async (shown, expected) => {
      const id = await unanswered();
      await pass(4_000);
      bench.devices.get('r1')?.take(bench.reading({ relay: shown }), 1);
      shows(shown);
      expect(verdict(id)).toBe('unverified');
      await pass(1);
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(3_000);
      expect(verdict(id)).toBe(expected);
    });

    it('has its time from the answer on, also where none had been given yet', async () => {
      const id = await unanswered();
      await pass(2_000);
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(2_000);
      expect(verdict(id)).toBe('pending');
      shows(true);
      expect(verdict(id)).toBe('verified');
    });

    it('is waited for over a restart', async () => {
      const id = await unanswered();
      await pass(3_000);
      bench.crash();
      bench.commands.answered('r1', { id, status: 'ok' });
      bench.crash();
      await pass(2_000);
      expect(verdict(id)).toBe('pending');
      shows(true);
      expect(verdict(id)).toBe('verified');
    });

    it('is the first again where nothing comes', async () => {
      const id = await unanswered();
      await pass(3_000);
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(3_000);
      expect(verdict(id)).toBe('unverified');
    });

    it('is none where the device did not do it', async () => {
      const id = await unanswered();
      shows(false);
      await pass(3_000);
      bench.commands.answered('r1', { id, status: 'error', code: 'stuck' });
      await pass(3_000);
      expect(bench.commands.get(id)).toMatchObject({ state: 'failed', verification: null, verifiedAt: null });
    });

    it('is not taken by one that could not be written before the answer came', async () => {
      const id = await unanswered();
      const empty = bench.fillDisk();
      await pass(3_000);
      empty();
      bench.commands.answered('r1', { id, status: 'ok' });
      await pass(1_500);
      expect(verdict(id)).toBe('pending');
      shows(true);
      expect(verdict(id)).toBe('verified');
    });
  });

  it('is not asked of what the device refused', () => {
    bench.connect();
    const { id } = give();
    bench.commands.answered('r1', { id, status: 'rejected', code: 'locked' });
    expect(verdict(id)).toBeNull();
  });

  it('numbers may be a little off', async () => {
    bench.connect();
    const { id } = give({ name: 'level.set', params: { to: 3 } });
    await pass(1);
    bench.commands.observe([bench.reading({ level: 3.4 })]);
    expect(verdict(id)).toBe('verified');
  });

  it('goes on after a restart', async () => {
    const id = await succeeded();
    bench.crash();
    await pass(1);
    shows(true);
    expect(verdict(id)).toBe('verified');
  });
});

describe('devices that may not connect any more', () => {
  it('get nothing of what waited for them', () => {
    const { id } = give({ queue: true });
    bench.commands.barred('r1');
    expect(bench.commands.get(id)).toMatchObject({ state: 'cancelled', error: { code: 'device_barred' } });
    expect(bench.connect().frames).toEqual([]);
  });
});
