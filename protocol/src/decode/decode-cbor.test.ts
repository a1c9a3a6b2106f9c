import { encode as peerEncode } from 'cbor2/encoder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../cbor/encode.js';
import { decodeDeviceFrame } from './decode.js';
import { decodeDeviceCborFrame } from './decode-cbor.js';

const hex = (text: string) => decodeDeviceCborFrame(Buffer.from(text.replaceAll(' ', ''), 'hex'));
/** `"seq": 7`, `"a":`, and `"values":` of a map. */
const SEQ = '63736571 07';
const A = '6161';

describe('decodeDeviceCborFrame', () => {
  it('says of a map what is said of the same map in JSON', () => {
    const type = fc.constantFrom(
      'hello',
      'telemetry',
      'result',
      'config',
      'log',
      'time',
      'fly',
      7,
      undefined,
    );
    const fields = fc.dictionary(
      fc.constantFrom(
        'seq',
        'boot',
        'values',
        'rows',
        'time',
        'id',
        'status',
        'version',
        'ok',
        'level',
        '__proto__',
      ),
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(1, 'b1', 'ok', true)),
    );
    fc.assert(
      fc.property(type, fields, (type, fields) => {
        const text = JSON.stringify(type === undefined ? fields : { ...fields, type });
        const expected = decodeDeviceFrame(Buffer.from(text));
        expect(decodeDeviceCborFrame(encodeCbor(JSON.parse(text)))).toEqual(expected);
        if (text.includes('__proto__')) return; // the other library assigns it
        expect(decodeDeviceCborFrame(Buffer.from(peerEncode(JSON.parse(text))))).toEqual(expected);
      }),
    );
  });

  it('hands on NaN, which is judged where it is stored, and refuses it elsewhere', () => {
    const telemetry = hex(`a2 6474797065 6974656c656d65747279 6676616c756573 a1${A}f97e00`);
    expect(telemetry).toEqual({
      kind: 'telemetry',
      message: { type: 'telemetry', values: { a: Number.NaN } },
    });
    expect(hex('a2 6474797065 6474696d65 66757074696d65 f97e00')).toMatchObject({ kind: 'malformed' });
  });

  it.each([
    ['a key that comes twice', `a3 ${SEQ} ${A}01 ${A}02`],
    ['a date', `a2 ${A}c101 ${SEQ}`],
    ['half a character', `a2 ${A}61c3 ${SEQ}`],
    ['bytes after the end', `a1 ${SEQ} 00`],
    ['depth', `a2 ${A}${'81'.repeat(40)}80 ${SEQ}`],
    ['endless depth', `bf ${A}${'9f'.repeat(100)}${'ff'.repeat(100)} ${SEQ} ff`],
    ['keys that are no texts', `a2 0102 ${SEQ}`],
    ['an end too early', `a3 ${SEQ} ${A}`],
    ['the tag at the start', `d9d9f7 a2 0102 ${SEQ}`],
    ['JSON', Buffer.from('{"seq":7,"a":nan}').toString('hex')],
  ])('finds the number in a frame that is refused for %s', (_, text) => {
    expect(hex(text)).toMatchObject({ kind: 'malformed', message: expect.stringMatching(/./), seq: 7 });
  });

  it('finds the number of any message that was spoilt', () => {
    const before = fc.dictionary(
      fc.string().filter((key) => key !== 'seq'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(before, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (fields, seq) => {
        const message = { ...fields, seq };
        const spoilt = Buffer.concat([encodeCbor(message), Buffer.from([0])]);
        expect(decodeDeviceCborFrame(spoilt)).toMatchObject({ kind: 'malformed', seq });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no map', '80'],
    ['a text', '6161'],
    ['a number that was cut off', '63736571 1903'],
    ['a number in another map', `a2 ${A}a1${SEQ} ${A}`],
    ['a number that is none', 'a2 63736571 00 0000'],
    ['a break where nothing is open', 'a1 ff'],
    ['a length beyond the end', `a2 5bffffffffffffffff ${SEQ}`],
  ])('finds none in %s', (_, text) => {
    const frame = hex(text);
    expect(frame.kind).toBe('malformed');
    expect(frame).not.toHaveProperty('seq');
  });

  it('never throws, whatever comes in', () => {
    const frame = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const map = frame.map((bytes) => Buffer.concat([Buffer.from([0xbf]), bytes]));
    fc.assert(
      fc.property(fc.oneof(frame, map), (bytes) => {
        JSON.stringify(decodeDeviceCborFrame(bytes));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});
