import type { JournalStats } from '@fieldline/journal';
import { describe, expect, it } from 'vitest';
import { Flow } from './flow.js';
import { deviceOf, ingestOf } from './ingest.fixture.js';
import type { Reject } from './rejects.js';
import { Submit } from './submit.js';

/** Two messages a second, four at once. */
const RATE = { rateLimit: 2, device: { rateBurst: 4 } };

function bench() {
  const parts = ingestOf();
  const clock = { nowMs: Date.UTC(2026, 10, 20) };
  const disk: { trouble: JournalStats['trouble'] } = { trouble: null };
  const device = deviceOf();
  const refused: string[] = [];
  const submit = new Submit({
    ingest: parts.ingest,
    commit: parts.commit,
    flow: new Flow(),
    journal: { stats: () => disk },
    devices: { get: (id) => (id === device.id ? device : undefined) },
    rate: RATE,
    refuse: (_device, _source, raw) => refused.push(raw),
    now: () => clock.nowMs,
  });
  const post = (messages: readonly unknown[], id = device.id) => submit.submit(id, messages, 'http');
  /** Posts what is to be taken, and lets its sync succeed. */
  const posted = async (messages: readonly unknown[]) => {
    const answer = post(messages);
    (await parts.journal.next()).succeed();
    return answer;
  };
  let seq = 0;
  const numbered = (count: number) =>
    Array.from({ length: count }, () => ({ boot: 'b1', seq: ++seq, values: { t: seq } }));
  return { ...parts, clock, disk, device, refused, submit, post, posted, numbered };
}

describe('messages that came together', () => {
  it('are answered when they are on disk, each by what became of it', async () => {
    const { posted, refused, journal } = bench();
    const good = { boot: 'b1', seq: 1, values: { t: 1 } };
    const answer = await posted([good, good, { boot: 'b1', seq: 2, values: { t: 'warm', ok: 1 } }, 7]);
    expect(answer).toMatchObject({
      accepted: 2,
      duplicates: 1,
      rejected: [
        { index: 2, metric: 't', code: 'type_conflict' },
        { index: 3, code: 'malformed' },
      ],
    });
    expect(refused).toEqual(['7']);
    expect(journal.written.flatMap(({ readings }) => readings.map(({ seq }) => seq))).toEqual([1, 2]);
  });

  it('have their faults told at once, with their numbers, to whoever wants to know', async () => {
    const { submit, device, journal } = bench();
    const told: unknown[] = [];
    const faults = {
      reject: ({ code, metric }: Reject, seq?: number) => told.push([code, metric, seq]),
      malformed: (_reason: string, seq?: number) => told.push(['malformed', seq]),
    };
    const good = { boot: 'b1', seq: 1, values: { t: 1 } };
    const messages = [
      good,
      { boot: 'b1', seq: 2, values: { t: 'warm' } },
      { boot: 'no boot', seq: 3, values: { t: 1 } },
      { t: 'x' },
    ];
    const answer = submit.submit(device.id, messages, 'mqtt', faults);
    expect(told).toEqual([
      ['type_conflict', 't', 2],
      ['malformed', 3],
    ]);
    (await journal.next()).succeed();
    await answer;
  });

  it('have to say something: an empty object is no reading', async () => {
    const { posted, refused } = bench();
    const answer = await posted([{}, { boot: 'b1', seq: 1, values: { t: 1 } }]);
    expect(answer).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'malformed' }] });
    expect(refused).toEqual(['{}']);
  });

  it('are for a device that there is', async () => {
    const { post, numbered } = bench();
    await expect(post(numbered(1), 'nobody')).rejects.toMatchObject({ code: 'unknown_device', status: 404 });
  });

  it('are not taken, nor charged to the rate, while nothing can be made durable', async () => {
    const { post, posted, numbered, disk } = bench();
    disk.trouble = 'disk_full';
    for (let attempt = 0; attempt < 5; attempt++) {
      const code = 'journal_unavailable';
      await expect(post(numbered(4))).rejects.toMatchObject({ code, status: 503, retryAfterMs: 2_000 });
    }
    disk.trouble = null;
    expect(await posted(numbered(4))).toMatchObject({ accepted: 4 });
  });
});

describe('the rate of a device', () => {
  const limited = (retryAfterMs: number) => ({ code: 'rate_limited', status: 429, retryAfterMs });

  it('bounds what comes over HTTP: a request is taken whole or not at all', async () => {
    const { post, posted, numbered, clock, journal } = bench();
    expect(await posted(numbered(3))).toMatchObject({ accepted: 3 });
    const more = numbered(3);
    await expect(post(more)).rejects.toMatchObject(limited(1_000));
    clock.nowMs += 999;
    await expect(post(more)).rejects.toMatchObject(limited(1));
    clock.nowMs += 1;
    expect(await posted(more)).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(journal.written.flatMap(({ readings }) => readings)).toHaveLength(6);
  });

  it('lets a request larger than the burst pass, and what follows waits for all of it', async () => {
    const { post, posted, numbered, clock } = bench();
    expect(await posted(numbered(10))).toMatchObject({ accepted: 10 });
    await expect(post(numbered(1))).rejects.toMatchObject(limited(3_500));
    clock.nowMs += 3_500;
    expect(await posted(numbered(1))).toMatchObject({ accepted: 1 });
  });

  it('is one for socket and HTTP', async () => {
    const { post, numbered, device, clock } = bench();
    for (let n = 0; n < 4; n++) device.rateLimit(RATE, clock.nowMs).take(clock.nowMs);
    await expect(post(numbered(1))).rejects.toMatchObject(limited(500));
  });
});
