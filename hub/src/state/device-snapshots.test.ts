import { afterEach, beforeEach, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { DeviceSnapshots } from './device-snapshots.js';
import { TestState } from './state.fixture.js';

let state: TestState;
let registry: Registry;

beforeEach(() => {
  state = new TestState();
  registry = Registry.open(state.file);
  for (const id of ['a', 'b']) registry.create({ id });
});

afterEach(() => {
  state.remove();
});

it('has no offset before the first save', () => {
  expect(new DeviceSnapshots(state.file).offset()).toEqual({ journal: '', offset: 0 });
});

it('keeps snapshots and their offset together over a restart', () => {
  const snapshots = new DeviceSnapshots(state.file);
  snapshots.save({ journal: 'j1', offset: 10 }, [
    { device: 'a', json: '{"t":1}' },
    { device: 'b', json: '{"t":2}' },
  ]);
  snapshots.save({ journal: 'j1', offset: 20 }, [{ device: 'b', json: '{"t":3}' }]);
  const reopened = new DeviceSnapshots(state.reopen());
  expect([...reopened.all(() => {})]).toEqual([
    { device: 'a', json: '{"t":1}' },
    { device: 'b', json: '{"t":3}' },
  ]);
  expect(reopened.offset()).toEqual({ journal: 'j1', offset: 20 });
});

it('saves neither when one fails', () => {
  const snapshots = new DeviceSnapshots(state.file);
  const bad = { device: 'a', json: 'with \0' };
  expect(() => snapshots.save({ journal: 'j', offset: 9 }, [{ device: 'b', json: '{}' }, bad])).toThrow(
    TypeError,
  );
  expect([...snapshots.all(() => {})]).toEqual([]);
  expect(snapshots.offset().offset).toBe(0);
});

it('forgets a deleted device', () => {
  const snapshots = new DeviceSnapshots(state.file);
  snapshots.save({ journal: 'j', offset: 1 }, [{ device: 'a', json: '{}' }]);
  registry.delete('a');
  snapshots.save({ journal: 'j', offset: 2 }, [{ device: 'a', json: '{}' }]);
  expect([...snapshots.all(() => {})]).toEqual([]);
});

it('leaves out rows that are damaged, wherever they are, and tells of each once', () => {
  const snapshots = new DeviceSnapshots(state.file);
  const ids = Array.from({ length: 2_500 }, (_, n) => `d${String(n).padStart(4, '0')}`);
  state.file.transaction(() => {
    for (const id of ids) registry.create({ id });
    snapshots.save(
      { journal: 'j', offset: 1 },
      ids.map((device) => ({ device, json: '{}' })),
    );
  });
  // The whole first page, and the last row of the second.
  const isDamaged = (id: string) => id < 'd1000' || id === 'd1999';
  state.file
    .change(
      "UPDATE device_snapshots SET json = CAST(x'61ff' AS TEXT) WHERE device < 'd1000' OR device = 'd1999'",
    )
    .run();
  let damaged = 0;
  const sound = [...snapshots.all(() => damaged++)].map(({ device }) => device);
  expect(sound).toEqual(ids.filter((id) => !isDamaged(id)));
  expect(damaged).toBe(1_001);
});
