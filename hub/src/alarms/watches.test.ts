import { expect, it, vi } from 'vitest';
import { AlarmWatches } from '../state/alarm-watches.js';
import { TestState } from '../state/state.fixture.js';
import { LeftOut } from './left-out.js';
import { Watches } from './watches.js';

it('lets nothing out of its turn where what follows a save fails', () => {
  const state = new TestState();
  const log = { warn: vi.fn() };
  const watches = new Watches({
    ...{ state: state.file, log, leftOut: new LeftOut(log, () => 0) },
    stored: new AlarmWatches(state.file, () => undefined),
    devices: { get: () => undefined },
    pending: { flush: () => true },
    adopt: () => undefined,
    alsoSave: () => undefined,
  });
  const failure = new Error('the cursor cannot be moved');
  const done = vi.fn();
  watches.save(100, done, () => {
    throw failure;
  });
  expect(done).toHaveBeenCalledOnce();
  expect(log.warn).toHaveBeenCalledWith({ err: failure }, expect.stringContaining('could not be saved'));
  watches.close();
  state.remove();
});
