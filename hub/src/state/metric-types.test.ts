import { afterEach, beforeEach, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { type MetricTypeRow, MetricTypes } from './metric-types.js';
import { TestState } from './state.fixture.js';

let state: TestState;
let registry: Registry;

beforeEach(() => {
  state = new TestState();
  registry = Registry.open(state.file);
  registry.create({ id: 'a' });
  registry.create({ id: 'b' });
});

afterEach(() => {
  state.remove();
});

it('remembers types over a restart, in order, more than a page of them', () => {
  const rows: MetricTypeRow[] = [];
  for (const device of ['a', 'b']) {
    for (let i = 0; i < 1_500; i += 1) {
      rows.push({ device, metric: `m${String(i).padStart(4, '0')}`, type: 'number', fixedAt: i });
    }
  }
  new MetricTypes(state.file).fix(rows);
  expect([...new MetricTypes(state.reopen()).all()]).toEqual(rows);
});

it('has exactly one page, or none', () => {
  const types = new MetricTypes(state.file);
  expect([...types.all()]).toEqual([]);
  types.fix(
    Array.from({ length: 1_000 }, (_, i) => ({ device: 'a', metric: `m${i}`, type: 'string', fixedAt: 1 })),
  );
  expect([...types.all()]).toHaveLength(1_000);
});

it('changes the type of a metric that had one', () => {
  const types = new MetricTypes(state.file);
  types.fix([{ device: 'a', metric: 'm', type: 'number', fixedAt: 1 }]);
  types.fix([{ device: 'a', metric: 'm', type: 'boolean', fixedAt: 2 }]);
  expect([...types.all()]).toEqual([{ device: 'a', metric: 'm', type: 'boolean', fixedAt: 2 }]);
});

it('leaves out devices that are not there, and forgets those that go', () => {
  const types = new MetricTypes(state.file);
  types.fix([
    { device: 'a', metric: 'm', type: 'number', fixedAt: 1 },
    { device: 'ghost', metric: 'm', type: 'number', fixedAt: 1 },
  ]);
  expect([...types.all()].map(({ device }) => device)).toEqual(['a']);
  registry.delete('a');
  expect([...types.all()]).toEqual([]);
});
