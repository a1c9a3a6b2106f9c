import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.js';

const connection = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
const there = connection();
there.setMaxListeners(0);

/** Takes the places of this turn: whoever comes next has to wait. */
function fill(turnstile: Turnstile): void {
  for (let at = 0; at < 16; at++) void turnstile.enter(there);
}

describe('Turnstile', () => {
  it('lets a few devices in at once', async () => {
    const turnstile = new Turnstile();
    await Promise.all([turnstile.enter(there), turnstile.enter(there), turnstile.enter(there)]);
    expect(turnstile.size).toBe(0);
  });

  it('lets many in over several turns of the event loop, those first who came last', async () => {
    const turnstile = new Turnstile();
    const entered: number[] = [];
    const all = Array.from({ length: 100 }, async (_, at) => {
      await turnstile.enter(there);
      entered.push(at);
    });
    const afterTurn: number[] = [];
    while (turnstile.size > 0) {
      await nextTurn();
      afterTurn.push(entered.length);
    }
    await Promise.all(all);
    const [atOnce, waited] = [entered.slice(0, 16), entered.slice(16)];
    expect(atOnce).toEqual(Array.from({ length: 16 }, (_, at) => at));
    expect(waited).toEqual(Array.from({ length: 84 }, (_, at) => 99 - at));
    expect(afterTurn.length).toBeGreaterThanOrEqual(4);
    for (const [at, count] of afterTurn.entries()) {
      expect(count - (afterTurn[at - 1] ?? 0)).toBeLessThanOrEqual(32);
    }
    expect(there.listenerCount('close')).toBe(0);
  });

  it.each<[string, (socket: Duplex) => void]>([
    ['broken off', (socket) => void socket.destroy()],
    ['hung up', (socket) => void socket.push(null)],
  ])(
    'lets nobody in whose connection was %s while he waited, and gives his place to others',
    async (_, end) => {
      let gone = 0;
      const turnstile = new Turnstile({ maxWaiting: 1_016, onGone: () => gone++ });
      fill(turnstile);
      const waiting = Array.from({ length: 16 }, () => turnstile.enter(there));
      const impatient = Array.from({ length: 1_000 }, connection);
      let passed = 0;
      for (const socket of impatient) void turnstile.enter(socket).then(() => passed++);
      expect(turnstile.size).toBe(1_016);
      for (const socket of impatient) {
        end(socket);
        socket.read(0); // as Node does when a connection is hung up
      }
      await nextTurn();
      await Promise.all(waiting);
      expect(turnstile.size).toBe(0);
      expect([gone, passed]).toEqual([1_000, 0]);
      expect(impatient.every(({ destroyed }) => destroyed)).toBe(true);
    },
  );

  it('refuses whoever comes when too many wait already', async () => {
    const turnstile = new Turnstile({ maxWaiting: 2 });
    fill(turnstile);
    for (let at = 0; at < 2; at++) void turnstile.enter(there);
    await expect(turnstile.enter(there)).rejects.toMatchObject({
      code: 'too_many_upgrades',
      status: 503,
      retryAfterMs: 5_000,
    });
    await nextTurn();
    await expect(turnstile.enter(there)).resolves.toBeUndefined();
  });

  it('has room for few strangers of one address: they keep nobody else out', async () => {
    const turnstile = new Turnstile({ maxStrangers: 2 });
    fill(turnstile);
    const strangers = [connection(), connection()].map((socket) => turnstile.enter(socket, '192.0.2.1'));
    await expect(turnstile.enter(there, '192.0.2.1')).rejects.toMatchObject({
      code: 'too_many_connections',
      status: 429,
    });
    await Promise.all([...strangers, turnstile.enter(there, '192.0.2.2'), turnstile.enter(there)]);
    fill(turnstile);
    const left = connection();
    void turnstile.enter(left, '192.0.2.1');
    void turnstile.enter(connection(), '192.0.2.1');
    left.destroy();
    await new Promise((resolve) => process.nextTick(resolve));
    await expect(turnstile.enter(there, '192.0.2.1')).resolves.toBeUndefined();
  });
});
