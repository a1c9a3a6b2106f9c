import { decodeTime } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entriesOf } from '../state/state.fixture.js';
import { CommandBench, NotingLink, OPERATOR } from './commands.fixture.js';

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
const answer = (id: string, status: 'accepted' | 'ok' | 'error' = 'ok', device = 'r1') =>
  bench.commands.answered(device, { id, status });
const stateOf = (id: string) => bench.commands.get(id).state;

/** Lets time pass, for the hub's clock (which may go its own way) and its timers. */
async function pass(ms: number, clockMs = ms): Promise<void> {
  bench.nowMs += clockMs;
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise(setImmediate);
}

describe('a full disk', () => {
  it('takes no command, and sends nothing', () => {
    const link = bench.connect();
    bench.fillDisk();
    expect(() => give()).toThrow(expect.objectContaining({ code: 'state_unwritable', status: 503 }));
    expect(link.frames).toEqual([]);
    expect(bench.told).toEqual([]);
  });

  it('loses no answer: the first end counts, once it can be written', async () => {
    bench.connect();
    const { id } = give();
    const empty = bench.fillDisk();
    expect(answer(id, 'accepted')).toBe(false);
    expect(answer(id, 'ok')).toBe(false);
    expect(answer(id, 'error')).toBe(false);
    expect(stateOf(id)).toBe('sent');
    // Longer than it waits for an answer: the answer is there.
    await pass(6_000);
    expect(stateOf(id)).toBe('sent');
    empty();
    await pass(1_000);
    expect(bench.store.get(id)?.state).toBe('succeeded');
    expect(bench.deeds().filter((deed) => deed === 'command.timed_out')).toEqual([]);
  });

  it('holds back what waits for its turn, and lets it go in order afterwards', async () => {
    const link = bench.connect();
    const [first, second, third] = [give(), give({ ttl: 60_000 }), give({ ttl: 60_000 })];
    const empty = bench.fillDisk();
    answer(first.id);
    await pass(3_000);
    expect(link.frames.map(({ id }) => id)).toEqual([first.id]);
    empty();
    await pass(1_000);
    expect(link.frames.map(({ id }) => id)).toEqual([first.id, second.id]);
    const late = give();
    answer(second.id);
    await pass(0);
    expect(link.frames.at(-1)?.id).toBe(third.id);
    expect(stateOf(late.id)).toBe('queued');
  });

  it('lets no newer command overtake what could not be sent in its turn', async () => {
    const link = bench.connect();
    const [first, second] = [give(), give()];
    answer(first.id);
    // The answer is written, and what follows from it finds the disk full.
    const empty = bench.fillDisk();
    await pass(0);
    empty();
    const third = give();
    expect(stateOf(third.id)).toBe('queued');
    await pass(1_000);
    expect(link.frames.map(({ id }) => id)).toEqual([first.id, second.id]);
  });

  it('a timeout that could not be written does not undo the answer that came meanwhile', async () => {
    bench.connect();
    const { id } = give();
    const empty = bench.fillDisk();
    await pass(5_000);
    expect(stateOf(id)).toBe('sent');
    empty();
    answer(id);
    expect(stateOf(id)).toBe('succeeded');
    await pass(2_000);
    expect(bench.store.get(id)?.state).toBe('succeeded');
  });

  it('owes no more than one change for each command, however much a device says', async () => {
    bench.connect();
    const { id } = give();
    const empty = bench.fillDisk();
    for (let n = 0; n < 1_000; n++) answer(id, 'accepted');
    expect(vi.getTimerCount()).toBeLessThan(5);
    empty();
    await pass(1_000);
    expect(bench.deeds()).toEqual(['command.queued', 'command.sent', 'command.accepted']);
  });
});

describe('a giver whom nobody trusts any more', () => {
  const ci = { name: 'ci', kind: 'token', id: 't1' } as const;

  it('has nothing done that was not sent yet, over a restart too; others go on', () => {
    const link = bench.connect();
    const sent = bench.commands.give('r1', { ...on, queue: true }, ci);
    const [theirs, other] = [bench.commands.give('r1', { ...on, queue: true }, ci), give({ queue: true })];
    const away = bench.commands.give('r2', { ...on, queue: true }, ci);
    bench.crash(['r1', 'r2']);
    expect(bench.commands.get(away.id)).toMatchObject({ state: 'queued', giver: 'token:t1', by: 'ci' });
    bench.barred.add('token:t1');
    bench.commands.cancelBarred();
    for (const { id } of [theirs, away]) {
      expect(bench.commands.get(id)).toMatchObject({ state: 'cancelled', error: { code: 'giver_barred' } });
    }
    expect([sent, other].map(({ id }) => stateOf(id))).toEqual(['sent', 'queued']);
    expect(link.frames.map(({ id }) => id)).toEqual([sent.id]);
    expect(entriesOf(bench.audit, { subject: 'device:r2' })[0]).toMatchObject({
      ...{ actor: 'hub', action: 'command.cancelled', result: 'giver_barred' },
    });
  });

  it('has nothing sent, though what waits could not be taken back in time', () => {
    const { id } = bench.commands.give('r1', { ...on, queue: true }, ci);
    bench.barred.add('token:t1');
    expect(bench.connect().frames).toEqual([]);
    expect(bench.commands.get(id)).toMatchObject({ state: 'cancelled', error: { code: 'giver_barred' } });
  });
});

describe('many at once', () => {
  it('thousands that fall due together are written in few transactions, and the hub goes on between them', async () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => `d${n}`);
    bench.crash(ids);
    for (const id of ids) give({ queue: true, ttl: 5_000 }, id);
    const transactions = vi.spyOn(bench.state, 'transaction');
    bench.nowMs += 5_000;
    vi.advanceTimersByTime(5_000);
    while (bench.store.list({ state: 'queued' }, { limit: 1 }).items.length > 0)
      await new Promise(setImmediate);
    expect(transactions.mock.calls.length).toBeLessThan(20);
  });

  it('a thousand who wait for one command are told once it has ended, and those of others are not asked', async () => {
    bench.connect();
    const { id } = give();
    const waiting = Array.from({ length: 1_000 }, () => bench.commands.ended(id, 60_000));
    answer(id);
    for (const command of await Promise.all(waiting)) expect(command.state).toBe('succeeded');
    expect(vi.getTimerCount()).toBe(1);
  });

  it('a device that works on several gets no more than it remembers', () => {
    const link = bench.connect('r1', { caps: ['command', 'parallel'] });
    for (let n = 0; n < 32; n++) give();
    expect(link.frames).toHaveLength(16);
    expect(() => give()).toThrow(expect.objectContaining({ code: 'busy' }));
  });

  it('a device that says accepted all the time writes it once a second', async () => {
    bench.connect();
    const { id } = give();
    for (let n = 0; n < 100; n++) {
      answer(id, 'accepted');
      await pass(100);
    }
    expect(stateOf(id)).toBe('accepted');
    expect(bench.deeds().length).toBeLessThan(15);
    await pass(5_000);
    expect(stateOf(id)).toBe('timed_out');
  });

  it('answers to commands that nobody gave fill no log', async () => {
    const nobodys = (count: number) => {
      for (let n = 0; n < count; n++) expect(answer(`01K00000000000000000000${100 + n}`)).toBe(true);
    };
    nobodys(50);
    expect(bench.logged).toHaveLength(1);
    await pass(60_000);
    nobodys(1);
    expect(bench.logged.map((line) => JSON.parse(line))).toMatchObject([
      { device: 'r1', messages: 1 },
      { device: 'r1', messages: 50 },
    ]);
  });

  it('answers to the same command of another device are noted once', () => {
    bench.connect();
    const { id } = give();
    for (let n = 0; n < 10; n++) answer(id, 'ok', 'r2');
    const items = entriesOf(bench.audit, { action: 'command.foreign_answer' });
    expect(items).toHaveLength(1);
  });
});

describe('a clock that is set back', () => {
  it('makes nothing wait longer', async () => {
    bench.connect();
    const [sent, queued] = [give(), give({ queue: true, ttl: 8_000 }, 'r2')];
    await pass(1_000, -3_600_000);
    await pass(4_000);
    expect(stateOf(sent.id)).toBe('timed_out');
    await pass(3_000);
    expect(stateOf(queued.id)).toBe('expired');
  });

  it('nor over a restart, and ids go on from the newest', async () => {
    bench.crash(['r1', 'r2', 'r3']);
    const queued = give({ queue: true, ttl: 8_000 }, 'r2');
    const unsent = give({ queue: true, ttl: 8_000 }, 'r3');
    bench.nowMs -= 86_400_000;
    bench.crash();
    bench.connect();
    const next = give();
    expect(next.id > unsent.id).toBe(true);
    expect(decodeTime(next.id)).toBeGreaterThan(bench.nowMs);
    const link = bench.connect('r2');
    expect(link.frames[0]?.ttl).toBe(8_000);
    await pass(10_000);
    expect(stateOf(next.id)).toBe('timed_out');
    expect(stateOf(unsent.id)).toBe('expired');
    expect(stateOf(queued.id)).toBe('timed_out');
  });
});

describe('connections that come and go', () => {
  it('what waits for a device stays when a newer connection takes over, and goes out over that', () => {
    const older = bench.connect();
    const [first, second] = [give(), give()];
    bench.commands.gone('r1', older, true);
    expect(stateOf(second.id)).toBe('queued');
    const newer = bench.connect();
    expect(newer.frames).toMatchObject([{ id: first.id, again: true }]);
    answer(first.id);
    expect(stateOf(second.id)).toBe('queued');
  });

  it('the newer one may end before its hello: then it is as any disconnect', () => {
    const older = bench.connect();
    give();
    const second = give();
    bench.commands.gone('r1', older, true);
    bench.commands.gone('r1', new NotingLink());
    expect(stateOf(second.id)).toBe('cancelled');
  });

  it('a device that comes back with less room is not asked by a frame that it cannot take', async () => {
    bench.connect();
    const { id } = give();
    const small = bench.connect('r1', { rxMaxBytes: 64 });
    expect(small.frames).toEqual([]);
    await pass(5_000);
    expect(stateOf(id)).toBe('timed_out');
    expect(bench.connect('r1', { rxMaxBytes: 64 }).frames).toEqual([]);
    expect(bench.connect().frames).toMatchObject([{ id, again: true }]);
  });

  it('a hello that is repeated asks again, and executes nothing twice', () => {
    const link = bench.connect();
    const { id } = give();
    bench.commands.welcomed('r1', link);
    expect(link.frames.map(({ again }) => again)).toEqual([undefined, true]);
    expect(stateOf(id)).toBe('sent');
  });

  it('an outcome that is unknown is asked for again, from the same boot only, and while it can remember', async () => {
    const first = bench.connect();
    const { id } = give();
    await pass(6_000);
    expect(stateOf(id)).toBe('timed_out');
    bench.commands.gone('r1', first);
    expect(bench.connect('r1', { boot: 'b2' }).frames).toEqual([]);
    bench.crash(['r1']);
    expect(bench.connect().frames).toMatchObject([{ id, again: true }]);
    answer(id);
    expect(stateOf(id)).toBe('succeeded');
    expect(bench.connect().frames).toEqual([]);
    const forgotten = give();
    await pass(6_000);
    for (let n = 0; n < 16; n++) {
      answer(give().id);
      await pass(0);
    }
    expect(stateOf(forgotten.id)).toBe('timed_out');
    expect(bench.connect().frames).toEqual([]);
  });

  it('without a boot: nothing is repeated, and only a new connection makes the outcome unknown', () => {
    const link = bench.connect('r1', { boot: null });
    const { id } = give();
    bench.commands.welcomed('r1', link);
    expect([link.frames.length, stateOf(id)]).toEqual([1, 'sent']);
    bench.commands.gone('r1', link);
    expect(bench.connect('r1', { boot: null }).frames).toEqual([]);
    expect(bench.commands.get(id)).toMatchObject({ state: 'timed_out', error: { code: 'reconnected' } });
  });

  it('a device that is there and has said nothing of commands is not called offline', () => {
    const device = bench.devices.get('r1');
    if (device) device.links = 1;
    expect(() => give()).toThrow(expect.objectContaining({ code: 'not_supported', status: 409 }));
  });

  it('a restart of the hub is a disconnect: what only waited for its turn is taken back', () => {
    bench.connect();
    give();
    const [turn, kept] = [give(), give({ queue: true })];
    bench.crash(['r1']);
    expect(bench.commands.get(turn.id)).toMatchObject({
      state: 'cancelled',
      error: { code: 'device_offline' },
    });
    expect(stateOf(kept.id)).toBe('queued');
  });
});

describe('a deleted device', () => {
  it('leaves nobody waiting, and nothing to a device that takes its name', async () => {
    bench.connect();
    const [sent, queued] = [give(), give({ queue: true })];
    const waiting = [sent, queued].map(({ id }) => bench.commands.ended(id, 60_000));
    bench.devices.onBarred((device, reason) => bench.commands.barred(device.id, reason));
    bench.registry.delete('r1');
    const ended = await Promise.all(waiting);
    expect(ended.map(({ state, error }) => [state, error?.code])).toEqual([
      ['timed_out', 'device_deleted'],
      ['cancelled', 'device_barred'],
    ]);
    bench.registry.create({ id: 'r1', profile: 'relay-board' });
    const link = bench.connect('r1');
    const next = give();
    expect(link.frames.map(({ id }) => id)).toEqual([next.id]);
  });

  it('a request that comes again for a command that is gone makes no second', () => {
    const request = { scope: 't r1', key: 'k', bodyHash: 'h' };
    bench.connect();
    bench.commands.give('r1', on, OPERATOR, request);
    bench.registry.delete('r1');
    bench.registry.create({ id: 'r1', profile: 'relay-board' });
    bench.crash(['r1', 'r2']);
    const link = bench.connect();
    expect(() => bench.commands.give('r1', on, OPERATOR, request)).toThrow(
      expect.objectContaining({ code: 'command_forgotten', status: 409 }),
    );
    expect(link.frames).toEqual([]);
  });
});

describe('a stopping hub', () => {
  it('takes nothing, sends nothing, and lets those go who wait', async () => {
    const link = bench.connect();
    const first = give();
    const second = give({ queue: true });
    const waiting = bench.commands.ended(first.id, 60_000);
    bench.commands.stop();
    expect(await waiting).toMatchObject({ state: 'sent' });
    expect(() => give()).toThrow(expect.objectContaining({ code: 'stopping', status: 503 }));
    answer(first.id);
    await pass(0);
    expect(stateOf(first.id)).toBe('succeeded');
    expect([link.frames.length, stateOf(second.id)]).toEqual([1, 'queued']);
  });
});

describe('old commands', () => {
  it('are deleted of every device; what has not ended is kept', () => {
    const link = bench.connect('r1', { caps: ['command', 'parallel'] });
    const kept = give();
    bench.state.transaction(() => {
      for (let n = 0; n < 1_150; n++) {
        answer(give().id);
        // Two devices in turn: each has its own count.
        bench.commands.cancel(give({ queue: true }, 'r2').id, OPERATOR);
      }
    });
    expect(link.frames.length).toBe(1_151);
    for (const device of ['r1', 'r2']) {
      expect(bench.store.list({ device }, { limit: 2_000 }).items.length).toBeLessThan(1_110);
    }
    expect(stateOf(kept.id)).toBe('sent');
    answer(kept.id);
    expect(stateOf(kept.id)).toBe('succeeded');
  });
});
