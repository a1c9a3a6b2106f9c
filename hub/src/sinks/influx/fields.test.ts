import type { Value } from '@fieldline/journal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldRow } from '../../state/influx-fields.js';
import { type FieldStore, Fields } from './fields.js';

class MemoryStore implements FieldStore {
  readonly rows: FieldRow[] = [];
  writes = 0;
  isBroken = false;

  all(): Iterable<FieldRow> {
    return [...this.rows];
  }

  add(rows: readonly FieldRow[]): void {
    if (this.isBroken) throw new Error('the disk is full');
    this.writes++;
    this.rows.push(...rows);
  }
}

function make(store: FieldStore = new MemoryStore(), tags: readonly string[] = []) {
  const fields = new Fields(store, tags);
  fields.open();
  const of = (metric: string, value: Value, isInteger = false) => {
    const { name, type } = fields.of('m', metric, value, isInteger);
    return `${name}:${type}`;
  };
  return { fields, of };
}

test('the first type owns the plain name, others are suffixed', () => {
  const { fields, of } = make();
  expect([of('a', 1), of('a', 'x'), of('a', true), of('a', 2)]).toEqual([
    'a:float',
    'a_string:string',
    'a_boolean:boolean',
    'a:float',
  ]);
  expect([of('b', 'x'), of('b', 1), of('b', true)]).toEqual([
    'b:string',
    'b_number:float',
    'b_boolean:boolean',
  ]);
  expect(fields.ofMetric('m', 'a').map(({ name }) => name)).toEqual(['a', 'a_string', 'a_boolean']);
  expect(fields.ofMeasurement('m')).toHaveLength(6);
  expect([...fields.ofMetric('m', 'none'), ...fields.ofMetric('none', 'a')]).toEqual([]);
});

test('measurements have fields of their own', () => {
  const { fields, of } = make();
  of('a', 1);
  expect(fields.of('other', 'a', 'x', false)).toEqual({ name: 'a', metric: 'a', type: 'string' });
  expect([...fields.measurements()]).toEqual(['m', 'other']);
});

test('integers go into a float field as floats', () => {
  const { of } = make();
  expect([of('a', 0.5), of('a', 1, true)]).toEqual(['a:float', 'a:float']);
});

test('what does not fit into an integer field goes to a float field', () => {
  const { of } = make();
  expect([of('n', 20, true), of('n', 20.1), of('n', 20, true), of('n', 20), of('n', 2 ** 63, true)]).toEqual([
    'n:integer',
    'n_number:float',
    'n:integer',
    'n:integer',
    'n_number:float',
  ]);
  // The first value decides, and one of more than 64 bits is no integer for InfluxDB.
  expect([of('big', 1e300, true), of('big', 1, true)]).toEqual(['big:float', 'big:float']);
});

test('a suffixed name never meets the metric that is called so', () => {
  const { of } = make();
  expect([of('a', 1), of('a', 'x'), of('a_string', 1), of('a_string', 'y')]).toEqual([
    'a:float',
    'a_string:string',
    'a_string_number:float',
    'a_string_string:string',
  ]);
  expect([of('b_string', 1), of('b', 1), of('b', 'x')]).toEqual([
    'b_string:float',
    'b:float',
    'b_string_2:string',
  ]);
});

test('no field is called like a tag, or like what a query means by it', () => {
  const { of } = make(undefined, ['site']);
  expect([of('_name', 1), of('_seriesKey', true)]).toEqual([
    '_name_number:float',
    '_seriesKey_boolean:boolean',
  ]);
  expect([of('Time', true), of('timer', true)]).toEqual(['Time_boolean:boolean', 'timer:boolean']);
  expect([of('device', 'x'), of('site', 1)]).toEqual(['device_string:string', 'site_number:float']);
});

test('whatever arrives, names are unique, and all is as before after a restart', () => {
  const metric = fc.constantFrom('a', 'a_string', 'a_number', 'a_string_number', 'a_boolean');
  const value = fc.constantFrom<Value>(1, 1.5, 2 ** 70, true, 'x');
  fc.assert(
    fc.property(fc.array(fc.tuple(metric, value, fc.boolean()), { maxLength: 40 }), (writes) => {
      const store = new MemoryStore();
      const first = make(store);
      const given = writes.map((write) => first.of(...write));
      first.fields.flush();
      const names = store.rows.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(writes.map((write) => first.of(...write))).toEqual(given);
      const again = make(store);
      expect(writes.map((write) => again.of(...write))).toEqual(given);
      expect(again.fields.ofMeasurement('m')).toEqual(first.fields.ofMeasurement('m'));
    }),
  );
});

test('new fields are written at once, and wait while they cannot be', () => {
  const store = new MemoryStore();
  const { fields, of } = make(store);
  of('a', 1);
  of('b', 1);
  store.isBroken = true;
  expect(() => fields.flush()).toThrow('full');
  expect(store.rows).toEqual([]);
  store.isBroken = false;
  fields.flush();
  fields.flush();
  expect([store.writes, store.rows.length]).toEqual([1, 2]);
});
