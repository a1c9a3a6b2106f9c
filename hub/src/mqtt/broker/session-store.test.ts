import { beforeEach, describe, expect, it } from 'vitest';
import { SESSION_LIMITS } from './session.js';
import { SessionStore } from './session-store.js';

let now = 0;
let dropped = 0;
let counter = 0;
let store: SessionStore;
const connection = {};

beforeEach(() => {
  [now, dropped, counter] = [0, 0, 0];
  store = new SessionStore({
    dropped: (messages) => {
      dropped += messages;
    },
    now: () => now,
  });
});

/** A client that stays, with a subscription. */
function client(id: string, filter = 'a/#', scope = 'token/1'): { id: string } {
  expect(store.begin(id, scope, connection, false)).toBe(true);
  store.subscribe(id, filter, 1);
  return { id };
}

function publish(payload: string | number, topic = 'a/b', isFleeting = false): number {
  counter += 1;
  const rest = { cmd: 'publish', brokerId: 'b', qos: 1, retain: false, dup: false } as const;
  const packet = { ...rest, brokerCounter: counter, topic, payload: Buffer.from(String(payload)) };
  store.enqueue(packet, counter, isFleeting);
  return counter;
}

/** Reads a client's queue as aedes does, and confirms `acks` of the messages. */
async function drain(of: { id: string }, acks = Number.POSITIVE_INFINITY): Promise<string[]> {
  const got: string[] = [];
  for await (const packet of store.outgoingStream(of)) {
    await store.outgoingUpdate(of, packet);
    got.push(String(packet.payload));
    if (got.length <= acks) await store.outgoingClearMessageId(of, { messageId: packet.messageId });
  }
  return got;
}

describe('a session', () => {
  it('keeps what its client missed, in order, until it is confirmed', async () => {
    const one = client('one');
    store.leave('one', connection);
    for (const payload of [1, 2, 3]) publish(payload);
    publish(4, 'other');
    client('one');
    expect(await drain(one, 1)).toEqual(['1', '2', '3']);
    client('one');
    expect(await drain(one)).toEqual(['2', '3']);
    client('one');
    expect(await drain(one)).toEqual([]);
  });

  it('sends what is published during the replay behind it, once', async () => {
    const one = client('one');
    publish(1);
    const live: Promise<boolean>[] = [];
    const got: string[] = [];
    for await (const packet of store.outgoingStream(one)) {
      got.push(String(packet.payload));
      if (got.length < 4) {
        const brokerCounter = publish(got.length + 1);
        // What aedes does for a client that is connected.
        live.push(
          Promise.race([
            store.outgoingUpdate(one, { brokerCounter, messageId: 1 }).then(() => true),
            new Promise<boolean>((resolve) => setImmediate(resolve, false)),
          ]),
        );
      }
      await store.outgoingUpdate(one, packet);
    }
    expect(got).toEqual(['1', '2', '3', '4']);
    expect(await Promise.all(live)).toEqual([false, false, false]);
    const after = { brokerCounter: publish(5), messageId: 1 };
    await store.outgoingUpdate(one, after);
    expect(after.messageId).toBeGreaterThan(1);
  });

  it('has nothing for the next connection that was meant for this one', async () => {
    const one = client('one');
    publish(1);
    publish(2, 'a/b', true);
    expect(await drain(one, 0)).toEqual(['1', '2']);
    client('one');
    expect(await drain(one, 0)).toEqual(['1']);
    store.leave('one', connection);
    publish(3, 'a/b', true);
    expect(store.get('one')?.waiting).toBe(1);
    client('one');
    expect(await drain(one)).toEqual(['1']);
  });

  it('drops the oldest messages beyond its limits, and counts them', async () => {
    const one = client('one');
    for (let i = 1; i <= SESSION_LIMITS.messages + 10; i++) publish(i);
    expect(dropped).toBe(10);
    expect((await drain(one))[0]).toBe('11');
    for (let i = 0; i < 10; i++) publish('x'.repeat(SESSION_LIMITS.bytes / 4));
    expect(dropped).toBe(17);
    client('one');
    expect(await drain(one)).toHaveLength(3);
  });

  it('ends with a clean connection, and with an unsubscription', async () => {
    const one = client('one');
    expect(store.isWanted('a/b')).toBe(true);
    await store.removeSubscriptions(one, ['a/#']);
    expect(store.isWanted('a/b')).toBe(false);
    client('one');
    store.begin('one', 'token/1', connection, true);
    expect(store.isWanted('a/b')).toBe(false);
    expect(store.size).toBe(0);
  });

  it('is not left by the connection that was replaced', () => {
    client('one');
    store.begin('one', 'token/1', { newer: true }, false);
    store.leave('one', connection);
    expect(store.get('one')?.connection).not.toBe(null);
  });
});

describe('SessionStore', () => {
  it('forgets a session after a day', () => {
    client('one');
    store.leave('one', connection);
    publish(1);
    now = 24 * 3_600_000 + 1;
    client('two');
    expect(store.get('one')).toBeUndefined();
    expect(dropped).toBe(1);
  });

  it('keeps a bounded number of one owner, and drops the one longest away', () => {
    for (let i = 0; i < 8; i++) client(`c${i}`);
    expect(store.begin('c8', 'token/1', connection, false)).toBe(false);
    for (const [at, id] of ['c3', 'c5'].entries()) {
      now = at;
      store.leave(id, connection);
    }
    client('c8');
    expect(store.get('c3')).toBeUndefined();
    expect(store.get('c5')).toBeDefined();
  });

  it('has room for a fleet, and a bound', () => {
    for (let i = 0; i < 20_000; i++) {
      expect(store.begin(`d${i}`, `device/${i}`, connection, false)).toBe(true);
    }
    expect(store.begin('one more', 'device/x', connection, false)).toBe(false);
    store.leave('d5', connection);
    expect(store.begin('one more', 'device/x', connection, false)).toBe(true);
    expect(store.get('d5')).toBeUndefined();
  });

  it('shares the memory among those who listen', async () => {
    for (let i = 0; i < 1_000; i++) store.begin(`d${i}`, `device/${i}`, connection, false);
    for (let i = 0; i < 256; i++) client(`c${i}`, `${i}/b`, `token/${i}`);
    const large = 'x'.repeat(100_000);
    for (let i = 0; i < 4; i++) publish(large, '7/b');
    expect(dropped).toBe(2);
    expect(await drain({ id: 'c7' })).toHaveLength(2);
    for (let i = 128; i < 256; i++) await store.removeSubscriptions({ id: `c${i}` }, [`${i}/b`]);
    for (let i = 0; i < 8; i++) publish(large, '8/b');
    expect(dropped).toBe(5);
  });

  it('forgets the sessions of an owner who is gone', () => {
    client('one');
    client('two', 'a', 'token/2');
    store.removeOf('token/1');
    expect(store.get('one')).toBeUndefined();
    expect(store.size).toBe(1);
  });

  it('remembers QoS 2 messages until they are released, a bounded number of them', async () => {
    const one = { id: 'one' };
    for (let messageId = 1; messageId <= SESSION_LIMITS.incoming; messageId++) {
      await store.incomingStorePacket(one, { messageId });
    }
    await expect(store.incomingStorePacket(one, { messageId: 5_000 })).rejects.toThrow('too many');
    expect(store.hasIncoming('one', 5)).toBe(true);
    await store.incomingDelPacket(one, { messageId: 5 });
    expect(store.hasIncoming('one', 5)).toBe(false);
    await store.cleanIncoming(one);
    expect(store.hasIncoming('one', 6)).toBe(false);
  });
});
