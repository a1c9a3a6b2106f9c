import { encodeCbor, SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON } from '@fieldline/protocol';
import { describe, expect, it } from 'vitest';
import { wireOf } from './wire.js';

const json = wireOf(SUBPROTOCOL_JSON);
const cbor = wireOf(SUBPROTOCOL_CBOR);
const hex = (text: string) => Buffer.from(text, 'hex');

it('is JSON where nothing was agreed on', () => {
  expect(wireOf('')).toBe(json);
  expect(wireOf('arduino')).toBe(json);
});

it('leaves a text of JSON as it is, and makes CBOR of it', () => {
  const message = '{"type":"window","window":0.1}';
  expect([json.encode(message), json.lengthOf(message)]).toEqual([message, 30]);
  expect(cbor.encode(message)).toEqual(encodeCbor({ type: 'window', window: 0.1 }));
  expect(cbor.lengthOf(message)).toBe(29);
  expect(json.lengthOf('"ü"')).toBe(4);
});

describe('a frame that was refused', () => {
  it.each([
    ['names no boot', {}, false],
    ['names this one', { boot: 'b1' }, false],
    ['names another', { boot: 'b2' }, true],
    ['names one that begins like it', { boot: 'b10' }, true],
  ])('%s', (_, fields, may) => {
    expect(json.mayNameOther(Buffer.from(JSON.stringify(fields)), 'b1')).toBe(may);
    expect(cbor.mayNameOther(encodeCbor(fields), 'b1')).toBe(may);
  });
});

describe('what operators see of CBOR', () => {
  it('is the JSON that says the same, without the token', () => {
    const frame = encodeCbor({ type: 'hello', token: 'fld_secret', values: { a: 1.5 } });
    expect(cbor.show(frame, 4_096)).toBe('{"type":"hello","token":"…","values":{"a":1.5}}');
    expect(cbor.show(frame, 16)).toBe('{"type":"hello",');
  });

  it('has names for what JSON has no word for', () => {
    expect(cbor.show(hex('a26161f97e00616243010203'), 256)).toBe('{"a":"NaN","b":{"bytes":"010203"}}');
  });

  it('is hexadecimal where it is no such message, and ends where a token may begin', () => {
    expect(cbor.show(hex('ff00'), 256)).toBe("h'ff00'");
    expect(cbor.show(Buffer.alloc(1_000), 256)).toBe(`h'${'00'.repeat(128)}'…`);
    const cutOff = encodeCbor({ a: 1, token: 'fld_secret' }).subarray(0, -1);
    expect(cbor.show(cutOff, 256)).toBe("h'a261610165'…");
    const text = Buffer.from('{"type":"hello","token":"fld_secret"}');
    expect(cbor.show(text, 256)).not.toContain(Buffer.from('fld_').toString('hex'));
  });
});
