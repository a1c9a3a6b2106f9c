import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import { CobsCodec } from '../board/cobs-codec.js';
import { LinesCodec } from '../board/lines-codec.js';
import { writeFrame } from '../cobs/frame.js';
import { crc16Text } from '../lines/crc16.js';
import { show } from './show.js';
import { readTyped } from './typed.js';

const plain = pico.createColors(false);
const checked = (text: string) => `${text} *${crc16Text(Buffer.from(text))}`;

describe('what the monitor shows', () => {
  it.each([
    ['temperature=21.5 door=true @5123', 'reading  temperature=21.5 door=true  @5123 ms  no check'],
    [checked('a=1'), 'reading  a=1  check right'],
    ['{"type":"hello","boot":"b"}', 'hello    boot="b"  no check'],
    ['{"a":1}', 'reading  a=1  no check'],
    ['=7 error busy "moving"', 'answer   7 error code="busy" message="moving"  no check'],
    ['a=1 *0000', 'dropped  bad_crc  a=1 *0000'],
    ['\u001b[2Jboot', 'log      \\u001b[2Jboot'],
    ['!7 blink', 'echo     !7 blink'],
    ['', undefined],
  ])('of %j is %j', (line, shown) => {
    const frame = Buffer.from(line);
    expect(show(new LinesCodec().read(frame), frame, 'lines', plain)).toBe(shown);
  });

  it('of a frame is what is in it', () => {
    const frame = writeFrame({ type: 'ack', seq: 7 }).subarray(0, -1);
    expect(show(new CobsCodec().read(frame), frame, 'cobs', plain)).toBe('ack      seq=7  check right');
    const broken = Buffer.from(frame);
    broken[3] = 0x55;
    expect(show(new CobsCodec().read(broken), broken, 'cobs', plain)).toMatch(
      /^dropped {2}bad_crc {2}[0-9a-f]+$/,
    );
  });
});

describe('what is typed', () => {
  it.each([
    [
      'relay.set on=true',
      { kind: 'command', command: { type: 'command', id: 'm1', name: 'relay.set', params: { on: true } } },
    ],
    [' blink ', { kind: 'command', command: { type: 'command', id: 'm1', name: 'blink', params: {} } }],
    ['?', { kind: 'question' }],
    ['', { kind: 'nothing' }],
  ])('%j is %j', (text, typed) => expect(readTyped(text, 'm1')).toEqual(typed));

  it.each(['relay.set on=maybe', 'a b', '!x y'])('%j is no command', (text) => {
    expect(readTyped(text, 'm1')).toMatchObject({ kind: 'wrong' });
  });
});
