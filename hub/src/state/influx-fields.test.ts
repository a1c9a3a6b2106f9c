import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FieldRow, InfluxFields } from './influx-fields.js';
import { TestState } from './state.fixture.js';

let state: TestState;

beforeEach(() => {
  state = new TestState();
});

afterEach(() => {
  state.remove();
});

function row(n: number, measurement = 'm'): FieldRow {
  return { measurement, name: `f${n}_string`, metric: `f${n}`, type: 'string' };
}

it('remembers fields over a restart, in the order in which they were made, more than a page of them', () => {
  const rows = Array.from({ length: 2_500 }, (_, n) => row(2_500 - n));
  new InfluxFields(state.file).add(rows);
  expect([...new InfluxFields(state.reopen()).all()]).toMatchObject(rows);
});

it('holds the same name once in each measurement, and adds all rows or none', () => {
  const fields = new InfluxFields(state.file);
  fields.add([row(1), row(1, 'other')]);
  expect(() => fields.add([row(2), row(1)])).toThrow();
  expect([...fields.all()]).toHaveLength(2);
});
