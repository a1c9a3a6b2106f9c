import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Audit, type AuditFilter } from './audit.js';
import { entriesOf, TestState } from './state.fixture.js';

const ENTRIES = 9_000;

let state: TestState;
let audit: Audit;

beforeAll(() => {
  state = new TestState();
  audit = new Audit(state.file);
  state.file.transaction(() => {
    for (let at = 1; at <= ENTRIES; at++) {
      const isRare = at % 4_000 === 1;
      audit.add({
        at,
        actor: isRare ? 'user:ada' : 'hub',
        action: isRare ? 'user.role' : 'command.sent',
        subject: `device:d${at % 7}`,
      });
    }
  });
});
afterAll(() => state.remove());

/** All pages of a list, with so many entries each. */
async function pages(filter: AuditFilter, limit: number): Promise<number[][]> {
  const found: number[][] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await audit.list(filter, cursor === undefined ? { limit } : { limit, cursor });
    found.push(items.map(({ at }) => at));
    if (next === null) return found;
    cursor = next;
  }
}

describe('the list of the audit', () => {
  it.each<[string, AuditFilter, (at: number) => boolean]>([
    ['everything', {}, () => true],
    ['an actor', { actor: 'user:ada' }, (at) => at % 4_000 === 1],
    ['a subject', { subject: 'device:d3' }, (at) => at % 7 === 3],
    ['actor and subject', { actor: 'hub', subject: 'device:d1' }, (at) => at % 7 === 1 && at % 4_000 !== 1],
    ['what actions begin with', { action: 'user' }, (at) => at % 4_000 === 1],
    ['a part of an action', { action: 'use' }, () => false],
    ['a time', { from: 10, to: 20 }, (at) => at >= 10 && at < 20],
    [
      'all at once',
      { actor: 'hub', action: 'command.sent', subject: 'device:d2', to: 100 },
      (at) => at % 7 === 2 && at < 100,
    ],
  ])('has what matches, newest first, on pages: %s', async (_, filter, matches) => {
    const expected = Array.from({ length: ENTRIES }, (_, i) => ENTRIES - i).filter(matches);
    expect(entriesOf(audit, filter).map(({ at }) => at)).toEqual(expected);
    for (const limit of [1_000, 5_000]) {
      const found = await pages(filter, limit);
      expect(found.flat()).toEqual(expected);
      for (const page of found.slice(0, -1)) expect(page).toHaveLength(limit);
    }
    if (expected.length < 10) expect(await pages(filter, 1)).toHaveLength(Math.max(1, expected.length));
  });

  it('lets others have their turn while it looks for what is rare', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const { items } = await audit.list({ action: 'user.role' }, { limit: 100 });
    isDone = true;
    expect(items).toHaveLength(3);
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});
