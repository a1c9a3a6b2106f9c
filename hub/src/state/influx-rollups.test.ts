import { afterEach, beforeEach, expect, test } from 'vitest';
import { InfluxRollups } from './influx-rollups.js';
import { TestState } from './state.fixture.js';

let state: TestState;
beforeEach(() => {
  state = new TestState();
});
afterEach(() => state.remove());

test('keeps how far each rollup is, each database for itself', () => {
  const rollups = new InfluxRollups(state.file, 'fieldline');
  const repairs = [
    { from: 0, to: 60_000 },
    { from: 120_000, to: 240_000 },
  ];
  rollups.put({ measurement: 'env', unit: '1m', sealed: 600_000, repairs });
  rollups.put({ measurement: 'env', unit: '1h', sealed: 0, repairs: [] });
  new InfluxRollups(state.file, 'other').put({ measurement: 'env', unit: '1m', sealed: 1, repairs });
  const again = new InfluxRollups(state.reopen(), 'fieldline');
  expect(again.all()).toEqual([
    { measurement: 'env', unit: '1h', sealed: 0, repairs: [] },
    { measurement: 'env', unit: '1m', sealed: 600_000, repairs },
  ]);
  again.put({ measurement: 'env', unit: '1m', sealed: 700_000, repairs: repairs.slice(1) });
  expect(again.all()[1]).toEqual({
    measurement: 'env',
    unit: '1m',
    sealed: 700_000,
    repairs: repairs.slice(1),
  });
  again.clear();
  expect(again.all()).toEqual([]);
  expect(new InfluxRollups(state.file, 'other').all()).toHaveLength(1);
});

test('knows the retention policies of its own making', () => {
  const rollups = new InfluxRollups(state.file, 'fieldline');
  expect(rollups.hasMade('autogen')).toBe(false);
  rollups.made('autogen');
  rollups.made('autogen');
  expect(new InfluxRollups(state.reopen(), 'fieldline').hasMade('autogen')).toBe(true);
  expect(new InfluxRollups(state.file, 'other').hasMade('autogen')).toBe(false);
});
