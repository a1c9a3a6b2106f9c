import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.js';

const there = { destroyed: false };

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
  });

  it('spends no place on those who have gone while they waited', async () => {
    const turnstile = new Turnstile();
    const enter = (socket: { destroyed: boolean }, count: number) =>
      Array.from({ length: count }, () => turnstile.enter(socket));
    await Promise.all(enter(there, 16));
    const impatient = { destroyed: false };
    const waiting = [...enter(there, 16), ...enter(impatient, 1_000)];
    expect(turnstile.size).toBe(1_016);
    impatient.destroyed = true;
    await nextTurn();
    expect(turnstile.size).toBe(0);
    await Promise.all(waiting);
  });

  it('refuses whoever comes when too many wait already', async () => {
    const turnstile = new Turnstile({ maxWaiting: 2 });
    for (let at = 0; at < 18; at++) void turnstile.enter(there);
    await expect(turnstile.enter(there)).rejects.toMatchObject({
      code: 'too_many_upgrades',
      status: 503,
      retryAfterMs: 5_000,
    });
    await nextTurn();
    await expect(turnstile.enter(there)).resolves.toBeUndefined();
  });
});
