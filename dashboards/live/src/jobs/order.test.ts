import { expect, it } from 'vitest';
import { fieldsOf } from '../command/field.js';
import { type OrderForm, readOrder } from './order.js';

const DOCUMENT = { title: 'Switch', params: { on: { type: 'boolean', required: true } } } as const;
const FORM: OrderForm = {
  name: 'relay.set',
  document: DOCUMENT,
  fields: fieldsOf(DOCUMENT.params),
  texts: { on: 'true' },
  rows: [],
  rate: '2,5',
  abort: '5',
};

it('an order is what the form says', () => {
  expect(readOrder(FORM)).toEqual({
    order: { name: 'relay.set', document: DOCUMENT, params: { on: true }, perSecond: 2.5, abortPercent: 5 },
  });
  expect(readOrder({ ...FORM, abort: ' ' })).toMatchObject({ order: { abortPercent: null } });
});

it('a command that no profile names takes what is typed', () => {
  const rows = [{ key: 1, name: 'level', text: '7' }];
  expect(readOrder({ ...FORM, document: null, fields: [], rows })).toMatchObject({
    order: { document: null, params: { level: 7 } },
  });
});

it.each([
  [{ name: '' }, { name: true }],
  [{ texts: {} }, { fields: { on: expect.any(String) } }],
  [{ rate: '' }, { rate: true }],
  [{ rate: '0' }, { rate: true }],
  [{ rate: '501' }, { rate: true }],
  [{ abort: '0' }, { abort: true }],
  [{ abort: '1.5' }, { abort: true }],
  [{ abort: 'some' }, { abort: true }],
])('says what is wrong in %j', (change, faults) => {
  expect(readOrder({ ...FORM, ...change })).toMatchObject({ faults });
});
