import type { AlarmView, Page } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveMessage } from '../live/messages.js';
import { raised as severities } from '../live/raised.js';
import type { LiveSocket, Missed } from '../live/socket.js';
import { anAlarm } from './alarm.fixture.js';
import { AlarmWatch } from './alarm-watch.js';

let hear: (message: LiveMessage) => void;
let missed: ReturnType<typeof signal<Missed | null>>;
let announced: string[];
/** What is asked of the hub and not answered yet, oldest first. */
let asked: { state: string; cursor: string | undefined; answer: (page: Page<AlarmView> | Error) => void }[];
let watch: AlarmWatch;

beforeEach(() => {
  announced = [];
  asked = [];
  missed = signal<Missed | null>(null);
  const subscribe = (_: unknown, listener: typeof hear) => {
    hear = listener;
    return () => {};
  };
  const socket = { missed, subscribe } as unknown as LiveSocket;
  watch = new AlarmWatch(
    socket,
    (state, cursor) =>
      new Promise((resolve, reject) => {
        const answer = (page: Page<AlarmView> | Error) =>
          page instanceof Error ? reject(page) : resolve(page);
        asked.push({ state, cursor, answer });
      }),
    ({ id }) => announced.push(id),
  );
  watch.open();
});
afterEach(() => watch.close());

const tell = (alarm: AlarmView) => hear({ type: 'alarm', alarm } as unknown as LiveMessage);
const ids = () => watch.items.value.map(({ id }) => id);

/** Answers the next two questions: for what is raised, and for what somebody has seen. */
async function answer(raised: readonly AlarmView[], seen: readonly AlarmView[] = []): Promise<void> {
  const [first, second] = asked.splice(0, 2);
  first?.answer({ items: [...raised], next: null });
  second?.answer({ items: [...seen], next: null });
  await new Promise(setImmediate);
}

describe('the watch over alarms', () => {
  it('knows all that are not over, newest first, and how many nobody has seen', async () => {
    expect(watch.state.value).toBe('loading');
    await answer([anAlarm('3'), anAlarm('1')], [anAlarm('2', { state: 'acknowledged', acknowledgedAt: 5 })]);
    expect(watch.state.value).toBe('ready');
    expect(ids()).toEqual(['3', '2', '1']);
    expect(watch.unseen.value).toBe(2);
  });

  it('asks for page after page', async () => {
    const [raised] = asked.splice(0, 1);
    raised?.answer({ items: [anAlarm('2')], next: '2' });
    await new Promise(setImmediate);
    expect(asked.at(-1)).toMatchObject({ state: 'raised', cursor: '2' });
    for (const { answer, cursor } of asked) answer({ items: cursor ? [anAlarm('1')] : [], next: null });
    await expect.poll(ids).toEqual(['2', '1']);
  });

  it('takes what it hears while the answer is on its way for newer than the answer', async () => {
    tell(anAlarm('1', { state: 'cleared', clearedAt: 2 }));
    tell(anAlarm('2'));
    await answer([anAlarm('1')]);
    expect(ids()).toEqual(['2']);
  });

  it('keeps an acknowledgement that is answered meanwhile', async () => {
    await answer([anAlarm('1')]);
    void watch.again();
    watch.put([anAlarm('1', { state: 'acknowledged', acknowledgedAt: 5 })]);
    await answer([anAlarm('1')]);
    expect(watch.unseen.value).toBe(0);
  });

  it('announces what is raised, once, and neither what is past nor what it knew', async () => {
    await answer([anAlarm('1')]);
    tell(anAlarm('1', { worst: 9 }));
    tell(anAlarm('2'));
    tell(anAlarm('2', { worst: 9 }));
    tell(anAlarm('3', { past: true }));
    expect(announced).toEqual(['2']);
    expect(ids()).toEqual(['2', '1']);
  });

  it('lets go of what is over, and counts each change', async () => {
    await answer([anAlarm('1')]);
    const before = watch.changes.value;
    tell(anAlarm('1', { state: 'cleared', clearedAt: 2 }));
    expect(ids()).toEqual([]);
    expect(watch.changes.value).toBe(before + 1);
  });

  it('asks again after a break; the answer to the older asking does not count', async () => {
    const [first, second] = asked.splice(0, 2);
    missed.value = { from: 1, to: 2 };
    await answer([anAlarm('2')]);
    first?.answer({ items: [anAlarm('1')], next: null });
    second?.answer({ items: [], next: null });
    await new Promise(setImmediate);
    expect(ids()).toEqual(['2']);
  });

  it('announces what was raised during a break, once, and neither what it knew nor what is past or seen', async () => {
    await answer([anAlarm('1')]);
    missed.value = { from: 1, to: 2 };
    tell(anAlarm('2'));
    await answer(
      [anAlarm('5', { past: true }), anAlarm('4'), anAlarm('3'), anAlarm('2'), anAlarm('1')],
      [anAlarm('6', { state: 'acknowledged', acknowledgedAt: 5 })],
    );
    expect(announced).toEqual(['2', '3', '4']);
    tell(anAlarm('4', { worst: 9 }));
    expect(announced).toHaveLength(3);
  });

  it('announces after a break also where the first answer after it failed', async () => {
    await answer([anAlarm('1')]);
    missed.value = { from: 1, to: 2 };
    for (const { answer } of asked.splice(0)) answer(new Error('the hub is away'));
    await expect.poll(() => watch.state.value).toBe('failed');
    void watch.again();
    await answer([anAlarm('2'), anAlarm('1')]);
    expect(announced).toEqual(['2']);
  });

  it('announces nothing of what was raised before it was opened, also where a break delays the answer', async () => {
    missed.value = { from: 1, to: 2 };
    asked.splice(0, 2);
    await answer([anAlarm('1')]);
    expect(ids()).toEqual(['1']);
    expect(announced).toEqual([]);
  });

  it('says why it knows nothing', async () => {
    for (const { answer } of asked) answer(new Error('the hub is away'));
    await expect.poll(() => watch.state.value).toBe('failed');
    expect(watch.reason.value).toBe('the hub is away');
  });

  it('tells the rest of the page the worst of each device', async () => {
    await answer([
      anAlarm('1'),
      anAlarm('2', { level: 'alarm' }),
      anAlarm('3', { device: 'b', level: 'stale' }),
    ]);
    expect([...severities.value]).toEqual([['a', 'alarm']]);
  });
});
