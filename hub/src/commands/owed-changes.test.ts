import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FieldlineError } from '../errors.js';
import { OwedChanges } from './owed-changes.js';

const full = new FieldlineError('state_unwritable', 'the disk is full', { status: 503 });
let errors: string[];
let owed: OwedChanges;

beforeEach(() => {
  vi.useFakeTimers();
  errors = [];
  const error = ({ err }: { err: Error }) => void errors.push(err.message);
  owed = new OwedChanges({ info: () => undefined, error } as never);
});
afterEach(() => {
  owed.close();
  vi.useRealTimers();
});

/** A change that fails with each of these, then is made. */
function failing(...failures: readonly Error[]) {
  const left = [...failures];
  return vi.fn(() => {
    const failure = left.shift();
    if (failure) throw failure;
  });
}

it('makes later what cannot be written now, in order, and logs the trouble once', () => {
  const made: string[] = [];
  const [one, two] = [failing(full, full), failing(full)];
  const make = (key: string, change: () => void) =>
    owed.make(key, () => {
      change();
      made.push(key);
    });
  expect(make('one', one)).toBe(false);
  expect(make('two', two)).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(made).toEqual(['two', 'one']);
  expect(owed.has('one')).toBe(false);
  expect(errors).toEqual(['the disk is full']);
});

it('gives up what fails for another reason when it is tried again: nothing waits behind it', () => {
  const broken = failing(full, new TypeError('no such thing'), new TypeError('still none'));
  const sound = failing(full);
  owed.make('broken', broken);
  owed.make('sound', sound);
  vi.advanceTimersByTime(1_000);
  expect(owed.has('broken')).toBe(false);
  expect(owed.has('sound')).toBe(false);
  expect(sound).toHaveBeenCalledTimes(2);
  expect(errors).toEqual(['the disk is full', 'no such thing']);
  vi.advanceTimersByTime(5_000);
  expect(broken).toHaveBeenCalledTimes(2);
});
