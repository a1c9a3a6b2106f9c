import { afterEach, beforeEach, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { integer } from '../state/column.js';
import { TestState } from '../state/state.fixture.js';
import { LastUsed } from './last-used.js';

let state: TestState;

beforeEach(() => {
  state = new TestState();
});
afterEach(() => state.remove());

it('is written of some at a time where thousands were used at once; of all at the end', () => {
  const registry = Registry.open(state.file);
  const ids = Array.from({ length: 1_200 }, (_, n) => `d${n}`);
  state.file.transaction(() => {
    for (const id of ids) registry.create({ id });
  });
  const lastUsed = new LastUsed(
    state.file,
    state.file.change('UPDATE devices SET created_at = ? WHERE id = ?'),
  );
  const written = state.file.select({ n: integer('count(*)') }, 'FROM devices WHERE created_at = 7');
  for (const id of ids) lastUsed.note(id, 7);
  lastUsed.flush(100_000);
  expect(written.get()?.n).toBe(500);
  lastUsed.flush(100_500);
  expect(written.get()?.n).toBe(1_000);
  lastUsed.flush(100_600, true);
  expect(written.get()?.n).toBe(1_200);
});
