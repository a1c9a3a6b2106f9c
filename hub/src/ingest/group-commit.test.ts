import { describe, expect, it } from 'vitest';
import { deviceOf, ingestOf, NotingOrigin } from './ingest.fixture.js';

const NOW = Date.UTC(2026, 10, 20);

function bench() {
  const parts = ingestOf();
  const device = deviceOf();
  const origin = new NotingOrigin();
  const send = (seq: number) =>
    parts.ingest.telemetry(device, origin, 'ws', { seq, values: { t: seq } }, 'b', NOW);
  const state = () => parts.ingest.boot(device, 'b');
  return { ...parts, origin, send, state };
}

describe('GroupCommit', () => {
  it('answers nothing before the sync', async () => {
    const { send, journal, origin, state, commit } = bench();
    send(1);
    send(2);
    const append = await journal.next();
    expect(origin.marks).toEqual([]);
    expect(state().durable).toBeNull();
    const synced = commit.synced();
    append.succeed();
    await synced;
    expect(origin.marks).toMatchObject([{ first: 1, last: 2, messages: 2 }]);
    expect(state().durable).toBe(2);
    expect(commit.unsynced).toBe(0);
  });

  it('writes a failed batch again, and answers nothing behind it before', async () => {
    const { send, journal, origin, trouble, durable, commit } = bench();
    send(1);
    const first = await journal.next();
    send(2);
    const second = await journal.next();
    first.fail(new Error('disk full'));
    second.succeed();
    await new Promise((resolve) => setImmediate(resolve));
    expect(origin.marks).toEqual([]);
    expect(trouble).toHaveLength(1);
    const again = await journal.next();
    expect(again.batch).toMatchObject({ ranges: [{ first: 1, last: 1 }] });
    again.succeed();
    await commit.drain();
    expect(origin.marks.map(({ first: seq }) => seq)).toEqual([1, 2]);
    expect(durable).toHaveLength(2);
    expect(trouble.at(-1)).toBeNull();
  });

  it('keeps at most two writes under way, and gathers meanwhile', async () => {
    const { send, journal, commit } = bench();
    send(1);
    const first = await journal.next();
    send(2);
    const second = await journal.next();
    for (let seq = 3; seq <= 5_000; seq++) send(seq);
    expect(journal.pending).toEqual([]);
    first.succeed();
    const third = await journal.next();
    expect(third.batch.readings).toHaveLength(4_998);
    second.succeed();
    third.succeed();
    await commit.drain();
    expect(commit.unsynced).toBe(0);
  });

  it('lets no ack pass a message that filled a gap and is not on disk', async () => {
    const { send, journal, state, commit } = bench();
    send(1);
    send(5);
    (await journal.next()).succeed();
    await commit.drain();
    send(3);
    expect(state()).toMatchObject({ durable: 5, lateUnsynced: 1, acked: 2 });
    (await journal.next()).succeed();
    await commit.drain();
    expect(state()).toMatchObject({ durable: 5, lateUnsynced: 0, acked: 5 });
  });

  it('is out of trouble when what failed is on disk, though more is on its way', async () => {
    const { send, journal, trouble, commit } = bench();
    send(1);
    (await journal.next()).fail(new Error('disk full'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(commit.isInTrouble).toBe(true);
    send(2);
    const again = await journal.next();
    const next = await journal.next();
    const synced = commit.synced();
    again.succeed();
    await new Promise((resolve) => setImmediate(resolve));
    expect(commit.isInTrouble).toBe(false);
    expect(trouble.at(-1)).toBeNull();
    next.succeed();
    await synced;
  });

  it('waits for what it was only told of: the quarantine, say', async () => {
    const { commit, prepared } = bench();
    commit.touch();
    await commit.synced();
    expect(prepared).toHaveLength(1);
    commit.touch();
    await commit.drain();
    expect(prepared).toHaveLength(2);
  });
});
