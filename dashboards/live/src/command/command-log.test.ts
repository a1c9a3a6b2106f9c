import type { CommandView, Page } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket, Missed } from '../live/socket.js';
import { aCommand } from './command.fixture.js';
import { CommandLog } from './command-log.js';
import { later } from './progress.js';

/** What the log needs of a socket: somebody who speaks, and breaks. */
function aSocket() {
  let hear: (message: LiveMessage) => void = () => {};
  const missed = signal<Missed | null>(null);
  const socket = {
    missed,
    subscribe: (_: unknown, listener: typeof hear) => {
      hear = listener;
      return () => {};
    },
  } as unknown as LiveSocket;
  return {
    socket,
    missed,
    tell: (command: CommandView) => hear({ type: 'command', command: { ...command } }),
  };
}

async function opened(
  items: readonly CommandView[],
  next: string | null = null,
  more: readonly CommandView[] = [],
) {
  const { socket, missed, tell } = aSocket();
  const now = new Map(items.map((item) => [item.id, item]));
  const log = new CommandLog(socket, ['a'], {
    list: async (cursor): Promise<Page<CommandView>> => {
      return cursor === undefined ? { items, next } : { items: more, next: null };
    },
    one: async (id) => now.get(id) ?? Promise.reject(new Error('none')),
  });
  log.open();
  await expect.poll(() => log.state.value).toBe('ready');
  return { log, tell, missed, now };
}
const ids = (log: CommandLog) => log.items.value.map(({ id }) => id);

describe('CommandLog', () => {
  it('puts what comes live on top, newest first', async () => {
    const { log, tell } = await opened([aCommand({ id: '02' })]);
    tell(aCommand({ id: '03' }));
    tell(aCommand({ id: '04', device: 'b' }));
    expect(ids(log)).toEqual(['03', '02']);
  });

  it('corrects an unknown outcome when the answer comes late', async () => {
    const { log, tell } = await opened([aCommand({ state: 'timed_out' })]);
    tell(aCommand({ state: 'succeeded' }));
    expect(log.items.value[0]?.state).toBe('succeeded');
  });

  it('is not set back by an answer that was under way', async () => {
    const { log, tell } = await opened([]);
    tell(aCommand({ state: 'succeeded', verification: 'verified' }));
    log.put([aCommand({ state: 'succeeded', verification: 'pending' })]);
    log.put([aCommand({ state: 'sent' })]);
    expect(log.items.value[0]).toMatchObject({ state: 'succeeded', verification: 'verified' });
  });

  it('reads on, and leaves no hole where an older command moves', async () => {
    const { log, tell } = await opened([aCommand({ id: '09' })], 'c', [aCommand({ id: '05' })]);
    tell(aCommand({ id: '01', state: 'sent' }));
    expect(ids(log)).toEqual(['09']);
    await log.next();
    expect(ids(log)).toEqual(['09', '05']);
    expect(log.more.value).toBe(false);
  });

  it('asks after a break for what was under way', async () => {
    const { log, missed, now } = await opened([aCommand({ id: '02' })]);
    log.put([aCommand({ id: '01', state: 'sent' })]);
    now.set('01', aCommand({ id: '01', state: 'failed' }));
    missed.value = { from: 1, to: 2 };
    await expect.poll(() => log.items.value[1]?.state).toBe('failed');
  });
});

describe('later', () => {
  const tellings = [
    aCommand({ state: 'queued' }),
    aCommand({ state: 'sent', verification: 'pending' }),
    aCommand({ state: 'accepted', verification: 'pending' }),
    aCommand({ state: 'timed_out', verification: 'pending' }),
    aCommand({ state: 'succeeded', verification: 'pending' }),
    aCommand({ state: 'succeeded', verification: 'contradicted' }),
  ];
  it('keeps the newest telling in whatever order they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(tellings, { minLength: 1 }), (told) => {
        const newest = told.reduce((a, b) => (tellings.indexOf(a) > tellings.indexOf(b) ? a : b));
        expect(told.reduce((kept, next) => later(next, kept))).toBe(newest);
      }),
    );
  });
});
