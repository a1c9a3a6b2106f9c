import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Hello } from '../messages/device.js';
import { decodeDeviceFrame, decodeIngestMessage } from './decode.js';
import type { DecodedFrame } from './frame.js';

function decode(text: string): DecodedFrame {
  return decodeDeviceFrame(Buffer.from(text));
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** The examples of protocol §1.2. */
const EXAMPLES = [
  '{"temperature": 21.5, "door": true}',
  '{"type":"hello","boot":"9c1e4b7a","seq":18231,"firmware":"1.4.2","profile":"env-sensor","caps":["command","config","reconnect"],"rxMax":1024,"uptime":5123,"config":6}',
  '{"type":"telemetry","seq":18232,"time":1767225600123,"values":{"temperature":21.5,"door":true}}',
  '{"type":"telemetry","seq":18233,"rows":[[1767225600123,{"temperature":21.5}],[1767225601123,{"temperature":21.6}]]}',
  '{"type":"telemetry","seq":18234,"t0":1767225600000,"dt":[0,1000,1000],"columns":{"temperature":[21.5,21.6,21.6],"humidity":[48,null,48]}}',
  '{"type":"result","id":"01J8ZQ","status":"ok","result":{"on":true}}',
  '{"type":"result","id":"01J8ZQ","status":"error","code":"busy","message":"motor is moving"}',
  '{"type":"config","version":7,"ok":true,"reported":{"interval":5000}}',
  '{"type":"log","level":"warn","message":"brown-out detected"}',
  '{"type":"time","uptime":5123}',
] as const;

describe('decodeDeviceFrame', () => {
  it('hands on every example of the protocol as it stands', () => {
    const kinds = EXAMPLES.map((text) => {
      const frame = decode(text);
      const message = JSON.parse(text);
      if (frame.kind === 'reading') expect(frame.values).toEqual(message);
      else expect(frame).toEqual({ kind: message.type, message });
      return frame.kind;
    });
    expect(new Set(kinds)).toEqual(
      new Set(['reading', 'hello', 'telemetry', 'result', 'config', 'log', 'time']),
    );
  });

  describe('telemetry', () => {
    it.each([
      ['seq":0', undefined],
      ['seq":-1', undefined],
      ['seq":1.5', undefined],
      ['seq":9007199254740992', undefined],
      ['seq":"7"', undefined],
      ['seq":null', undefined],
      ['seq":7,"boot":"no spaces"', 7],
      ['seq":7,"boot":7', 7],
      ['seq":7,"clock":"sundial"', 7],
      ['seq":7,"extra":{"__proto__":1}', 7],
      ['seq":7,"constructor":1', 7],
      ['seq":7,"extra":1e400', 7],
      [`seq":7,"extra":${nested(16)}`, 7],
      [`seq":7,"time":${nested(16)}`, 7],
      ['seq":7,"time":{"__proto__":1}', 7],
    ])('with {"%s} is malformed, and keeps its number where that is good', (fields, seq) => {
      const frame = decode(`{"type":"telemetry","values":{"a":1},"${fields}}`);
      expect(frame).toMatchObject({ kind: 'malformed', message: expect.stringMatching(/./) });
      expect('seq' in frame ? frame.seq : undefined).toBe(seq);
    });

    it('needs no number', () => {
      expect(decode('{"type":"telemetry","values":{}}')).toMatchObject({ kind: 'telemetry' });
    });

    it('hands on what is judged where it is stored', () => {
      for (const text of [
        '{"type":"telemetry","seq":1,"values":{"a":1e400}}',
        '{"type":"telemetry","seq":1,"values":{"__proto__":1,"constructor":2}}',
        '{"type":"telemetry","seq":1,"rows":[[0,{"__proto__":1}]]}',
        '{"type":"telemetry","seq":1,"t0":0,"dt":[0],"columns":{"prototype":[1]}}',
        '{"type":"telemetry","seq":1,"time":"noon","values":7}',
        '{"type":"telemetry","seq":1,"time":1e400}',
        '{"type":"telemetry","seq":1,"values":{"a":{"b":[1]}}}',
        '{"type":"telemetry","seq":1,"unknown":[1,{"a":2}]}',
      ]) {
        expect(decode(text)).toEqual({ kind: 'telemetry', message: JSON.parse(text) });
      }
    });

    it('is malformed where a value nests too deeply to be written again', () => {
      for (const field of ['values', 'rows', 'columns', 'dt']) {
        const frame = decode(`{"type":"telemetry","seq":7,"${field}":${nested(16)}}`);
        expect(frame).toEqual({ kind: 'malformed', message: 'nested too deeply', seq: 7 });
      }
    });
  });

  describe('a reading', () => {
    it('may hold anything that is not too deep', () => {
      expect(decode('{"a":1e400,"__proto__":1,"b":[]}')).toMatchObject({ kind: 'reading' });
      expect(decode('{}')).toEqual({ kind: 'reading', values: {} });
      expect(decode(`{"a":${nested(16)}}`)).toMatchObject({ kind: 'malformed' });
    });
  });

  describe('hello', () => {
    it('may be empty', () => {
      expect(decode('{"type":"hello"}')).toEqual({ kind: 'hello', message: { type: 'hello' } });
    });

    it('leaves out what is not known here, and takes null for absent', () => {
      const text = '{"type":"hello","boot":null,"caps":["command","fly"],"colour":"red","token":"t"}';
      expect(decode(text)).toEqual({
        kind: 'hello',
        message: { type: 'hello', caps: ['command'], token: 't' },
      });
    });

    it.each([
      ['"boot":"no spaces"', 'boot'],
      ['"boot":7', 'boot'],
      ['"seq":-1', 'seq'],
      ['"seq":1.5', 'seq'],
      ['"firmware":{}', 'firmware'],
      [`"firmware":"${'x'.repeat(129)}"`, 'firmware'],
      ['"profile":"a\\u0000"', 'profile'],
      ['"caps":"command"', 'caps'],
      ['"caps":[1]', 'caps'],
      ['"rxMax":255', 'rxMax'],
      ['"rxMax":"1024"', 'rxMax'],
      ['"uptime":-1', 'uptime'],
      ['"uptime":"5 s"', 'uptime'],
      ['"config":1.5', 'config'],
      ['"sleep":-1', 'sleep'],
      ['"sleep":"1h"', 'sleep'],
      ['"token":7', 'token'],
      [`"token":"${'x'.repeat(1025)}"`, 'token'],
    ])('with %s is malformed, and the message names the field', (field, name) => {
      expect(decode(`{"type":"hello",${field}}`)).toMatchObject({
        kind: 'malformed',
        message: expect.stringMatching(new RegExp(`^${name}: `)),
      });
    });

    it('never quotes a token', () => {
      const frame = decode(`{"type":"hello","token":"${'secret'.repeat(200)}"}`);
      expect(JSON.stringify(frame)).not.toContain('secret');
    });

    it('is what its schema describes, whatever comes in', () => {
      const validator = Compile(Hello);
      const field = fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('b1', 256, 0, ['command'], 'fieldline'),
      );
      const keys = [
        'boot',
        'seq',
        'firmware',
        'profile',
        'caps',
        'rxMax',
        'uptime',
        'config',
        'sleep',
        'token',
      ];
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...keys), field), (fields) => {
          const frame = decode(JSON.stringify({ ...fields, type: 'hello' }));
          if (frame.kind === 'hello') expect(validator.Check(frame.message)).toBe(true);
          else expect(frame.kind).toBe('malformed');
        }),
      );
    });
  });

  it.each([
    ['{"type":"result","status":"ok"}', 'id'],
    ['{"type":"result","id":"a-b","status":"ok"}', 'id'],
    ['{"type":"result","id":"a","status":"done"}', 'status'],
    ['{"type":"result","id":"a","status":"error","code":7}', 'code'],
    ['{"type":"config","ok":true}', 'version'],
    ['{"type":"config","version":1}', 'ok'],
    ['{"type":"config","version":1,"ok":true,"reported":[]}', 'reported'],
    ['{"type":"log","level":"shout","message":"x"}', 'level'],
    ['{"type":"log","level":"warn"}', 'message'],
    ['{"type":"time"}', 'uptime'],
  ])('says what is wrong in %s', (text, name) => {
    expect(decode(text)).toMatchObject({
      kind: 'malformed',
      message: expect.stringMatching(new RegExp(`^${name}: `)),
    });
  });

  it('takes a log line without a level for information', () => {
    expect(decode('{"type":"log","message":"hi"}')).toMatchObject({ message: { level: 'info' } });
  });

  it('says which type is unknown, and the number it came with', () => {
    expect(decode('{"type":"telemtry","seq":7}')).toEqual({ kind: 'unknown_type', type: 'telemtry', seq: 7 });
    expect(decode('{"type":"toString"}')).toEqual({ kind: 'unknown_type', type: 'toString' });
    expect(decode(`{"type":"${'x'.repeat(1000)}"}`)).toEqual({ kind: 'unknown_type', type: 'x'.repeat(64) });
  });

  it.each([
    ['text', 'hello', undefined],
    ['a list', '[1]', undefined],
    ['null', 'null', undefined],
    ['a number', '7', undefined],
    ['nothing', '', undefined],
    ['a type that is no text', '{"type":3,"seq":7}', 7],
    [
      'a prototype in another message',
      '{"type":"config","version":1,"ok":true,"reported":{"__proto__":1}}',
      undefined,
    ],
    ['an escaped prototype', '{"type":"log","message":"x","a":{"\\u005f_proto__":1}}', undefined],
    [
      'depth in another message',
      `{"type":"result","id":"a","status":"ok","result":${nested(16)}}`,
      undefined,
    ],
    ['an endless number in another message', '{"type":"time","uptime":1e400}', undefined],
    ['what a DHT sensor sends', '{"type":"telemetry","seq":7,"values":{"temperature":nan}}', 7],
  ])('calls %s malformed', (_, text, seq) => {
    const frame = decode(text);
    expect(frame.kind).toBe('malformed');
    expect('seq' in frame ? frame.seq : undefined).toBe(seq);
  });

  it('calls invalid UTF-8 malformed, and still finds the number', () => {
    const frame = Buffer.concat([Buffer.from('{"seq":9,"t":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(decodeDeviceFrame(frame)).toEqual({ kind: 'malformed', message: 'not valid UTF-8', seq: 9 });
  });

  it('never throws and never touches a prototype, whatever comes in', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...EXAMPLES, '{"type":"telemetry","values":{"__proto__":{"polluted":1}}}'),
        fc.array(fc.tuple(fc.nat(400), fc.nat(8), fc.uint8Array({ maxLength: 8 })), { maxLength: 4 }),
      )
      .map(([text, edits]) =>
        edits.reduce(
          (frame, [at, cut, put]) => Buffer.concat([frame.subarray(0, at), put, frame.subarray(at + cut)]),
          Buffer.from(text),
        ),
      );
    const random = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.oneof(mutated, random, json), (frame) => {
        const decoded = decodeDeviceFrame(frame);
        expect(typeof decoded.kind).toBe('string');
        JSON.stringify(decoded);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('decodeIngestMessage', () => {
  it.each(['values', 'rows', 'columns'])('takes an object with %s for telemetry', (key) => {
    const message = { seq: 7, boot: 'b', [key]: {} };
    expect(decodeIngestMessage(message)).toEqual({ kind: 'telemetry', message });
  });

  it('takes anything else as the device socket does', () => {
    expect(decodeIngestMessage({ temperature: 21.5 })).toMatchObject({ kind: 'reading' });
    expect(decodeIngestMessage({ values: 7 })).toMatchObject({ kind: 'reading' });
    expect(decodeIngestMessage({ type: 'time', uptime: 1 })).toMatchObject({ kind: 'time' });
    expect(decodeIngestMessage([])).toMatchObject({ kind: 'malformed' });
    expect(decodeIngestMessage(null)).toMatchObject({ kind: 'malformed' });
  });
});
