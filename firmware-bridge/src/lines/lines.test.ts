import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, crc16Text } from './crc16.js';
import { parseLine } from './grammar.js';
import { LineReader } from './line-reader.js';
import { LineError, writeCommand, writeMessage, writeQuestion, writeReading } from './write-line.js';

const plain = { checked: false, maxBytes: 1_024 };
const checked = { checked: true, maxBytes: 1_024 };

const read = (text: string) => new LineReader().read(Buffer.from(text));

describe('a line', () => {
  it.each([
    ['temperature=21.5', { values: { temperature: 21.5 } }],
    ['t=-1e3 door=true left=null', { values: { t: -1000, door: true, left: null } }],
    ['t=1 @5123', { values: { t: 1 }, uptimeMs: 5123 }],
    ['note="a \\"b\\" \\\\ c=d" n=1', { values: { note: 'a "b" \\ c=d', n: 1 } }],
    ['note="\u0085\ud83d\ude00~ !#[]"', { values: { note: '\u0085\ud83d\ude00~ !#[]' } }],
    ['ort="Köln" @1', { values: { ort: 'Köln' }, uptimeMs: 1 }],
  ])('%s is a reading', (text, expected) => {
    expect(read(text)).toEqual({ kind: 'reading', ...expected });
  });

  it.each([
    'temperature=nan',
    'temperature=+5',
    'temperature=007',
    'temperature=.5',
    'temperature=1e999',
    'temperature =21.5',
    't=1  u=2',
    't=1 ',
    ' t=1',
    't=1 t=2',
    'time=5',
    '__proto__=1',
    't=1 @',
    't=1 @-5',
    '@5',
    't="open',
    't="a\tb"',
    't="a\x7fb"',
    't="a"b"',
    't="a\\nb"',
    'E (123) wifi: state=5 failed',
    'rst:0x1 (POWERON_RESET),boot:0x13',
    '=',
    '= ok',
    '=1 fine',
    '=1 accepted now',
    '=1 error',
    '=1 error busy motor is moving',
    '!1',
    '! relay.set',
  ])('%s is a line of the log', (text) => {
    expect(read(text)).toEqual({ kind: 'log', text });
  });

  it('that looks like JSON and is none goes to the log, with what is wrong', () => {
    expect(read('{"temperature":nan}')).toMatchObject({ kind: 'log', text: '{"temperature":nan}' });
    expect(read('{"temperature":nan}')).toHaveProperty('broken', expect.stringContaining('nan'));
  });

  it('holds messages and bare readings as JSON', () => {
    expect(read('{"type":"log","level":"warn","message":"brown-out"}\r')).toEqual({
      kind: 'message',
      message: { type: 'log', level: 'warn', message: 'brown-out' },
    });
    expect(read('{"t":1}')).toEqual({ kind: 'message', message: { t: 1 } });
  });

  it('holds answers', () => {
    expect(read('=01J8 ok on=true')).toMatchObject({
      id: '01J8',
      answer: { status: 'ok', result: { on: true } },
    });
    expect(read('=01J8 ok')).toMatchObject({ answer: { status: 'ok' } });
    expect(read('=01J8 accepted')).toMatchObject({ answer: { status: 'accepted' } });
    expect(read('=01J8 error busy "motor is moving"')).toMatchObject({
      answer: { status: 'error', code: 'busy', message: 'motor is moving' },
    });
    expect(read('=01J8 rejected bad_params')).toMatchObject({
      answer: { status: 'rejected', code: 'bad_params' },
    });
  });

  it('without anything in it is nothing', () => {
    expect(read('')).toBeUndefined();
    expect(read('\r')).toBeUndefined();
    expect(read('?')).toEqual({ kind: 'question' });
  });

  it('with bytes that are no UTF-8 goes to the log', () => {
    const bytes = (text: string) => new LineReader().read(Buffer.from(text, 'latin1'));
    expect(bytes('t=1\xff')).toEqual({ kind: 'log', text: 't=1\ufffd' });
    const json = '{"unit":"\xb0C"}';
    expect(bytes(json)).toMatchObject({ kind: 'log', broken: 'not valid UTF-8', isChecked: false });
    const check = crc16Text(Buffer.from(json, 'latin1'));
    expect(bytes(`${json} *${check}`)).toMatchObject({ broken: 'not valid UTF-8', isChecked: true });
  });
});

describe('the check of a line', () => {
  it('is CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x29b1);
    expect(crc16Text(Buffer.from('t=1'))).toMatch(/^[0-9A-F]{4}$/);
  });

  it('is needed by every line of the protocol once one was valid', () => {
    const reader = new LineReader();
    expect(reader.read(Buffer.from('t=1'))).toMatchObject({ kind: 'reading' });
    expect(reader.checked).toBe(false);
    expect(reader.read(writeReading({ t: 2 }, 7, checked).subarray(0, -1))).toMatchObject({
      kind: 'reading',
    });
    expect(reader.checked).toBe(true);
    expect(reader.read(Buffer.from('t=3'))).toEqual({ kind: 'no_crc', text: 't=3' });
    expect(reader.read(Buffer.from('starting up'))).toMatchObject({ kind: 'log' });
  });

  it('takes small letters, too', () => {
    const line = writeReading({ t: 1 }, undefined, checked).toString().trimEnd();
    expect(read(line.toLowerCase())).toEqual({ kind: 'reading', values: { t: 1 } });
  });

  it('is what its polynomial says, bit by bit', () => {
    const reference = (bytes: Uint8Array) => {
      let register = 0xffff;
      for (const byte of bytes) {
        for (let bit = 7; bit >= 0; bit--) {
          const isOut = ((register >> 15) ^ (byte >> bit)) & 1;
          register = ((register << 1) & 0xffff) ^ (isOut ? 0x1021 : 0);
        }
      }
      return register;
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc16(bytes) === reference(bytes)));
  });

  it('catches up to three changed bits', () => {
    const bytes = writeReading({ temperature: 21.5, door: true }, 99, checked).subarray(0, -1);
    const bits = fc.uniqueArray(fc.nat(bytes.length * 8 - 1), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(bits, (changed) => {
        const reader = new LineReader();
        reader.read(bytes);
        const spoilt = Buffer.from(bytes);
        for (const bit of changed) spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
        const line = reader.read(spoilt);
        // A flipped case bit of a hexadecimal digit changes no value.
        if (spoilt.toString('latin1').toUpperCase() === bytes.toString('latin1').toUpperCase()) return;
        expect(['bad_crc', 'no_crc', 'log']).toContain(line?.kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is written', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,9}$/).filter((text) => text !== 'time');
  const text = fc
    .string({ unit: 'binary', maxLength: 20 })
    .filter((value) => /^[ -~\u{80}-\u{10FFFF}]*$/u.test(value) && !/\p{Cs}/u.test(value));
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    text,
    fc.constant(null),
  );
  const pairs = fc
    .dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true })
    .filter((all) => !['constructor', 'prototype', '__proto__'].some((key) => Object.hasOwn(all, key)));
  const format = fc.constantFrom(plain, checked);

  it('is read as the same', () => {
    fc.assert(
      fc.property(pairs, fc.option(fc.nat()), format, (values, uptimeMs, how) => {
        const line = new LineReader().read(writeReading(values, uptimeMs ?? undefined, how).subarray(0, -1));
        // JSON has no minus zero.
        const expected = JSON.parse(JSON.stringify(values));
        expect(line).toEqual({
          kind: 'reading',
          values: expected,
          ...(uptimeMs === null ? {} : { uptimeMs }),
        });
      }),
    );
    fc.assert(
      fc.property(pairs, format, (params, how) => {
        const line = writeCommand({ id: '01J8ZQ', name: 'relay.set', params }, how).subarray(0, -1);
        const expected = JSON.parse(JSON.stringify(params));
        expect(new LineReader().read(line)).toEqual({
          kind: 'command',
          id: '01J8ZQ',
          name: 'relay.set',
          params: expected,
        });
      }),
    );
  });

  it('asks for a hello with a check once the board has them, and without one before', () => {
    expect(writeQuestion(false).toString()).toBe('?\n');
    const line = writeQuestion(true);
    expect(line.toString()).toMatch(/^\? \*[0-9A-F]{4}\n$/);
    expect(new LineReader().read(line.subarray(0, -1))).toEqual({ kind: 'question' });
  });

  it('is refused where a line cannot hold it', () => {
    const command = (params: Record<string, unknown>) => () =>
      writeCommand({ id: '1', name: 'set', params }, { checked: true, maxBytes: 64 });
    expect(command({ list: [1] })).toThrow(LineError);
    expect(command({ text: 'a\nb' })).toThrow(/control/);
    expect(command({ text: '\ud800' })).toThrow(LineError);
    expect(command({ 'a b': 1 })).toThrow(/name/);
    expect(command({ text: 'x'.repeat(60) })).toThrow(expect.objectContaining({ code: 'too_large' }));
    expect(() =>
      writeMessage({ type: 'config', desired: 'x'.repeat(100) }, { checked: false, maxBytes: 64 }),
    ).toThrow(LineError);
  });
});

it('reads anything without throwing', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseLine(text)));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void new LineReader().read(bytes)));
});
