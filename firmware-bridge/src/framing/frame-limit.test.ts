import { Readable } from 'node:stream';
import { DelimiterParser } from '@serialport/parser-delimiter';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameLimit } from './frame-limit.js';

const NEWLINE = 10;

async function framesOf(chunks: readonly Buffer[], maxBytes: number): Promise<string[]> {
  const limit = new FrameLimit(NEWLINE, maxBytes);
  const parser = new DelimiterParser({ delimiter: Buffer.of(NEWLINE), readableObjectMode: true });
  const frames: string[] = [];
  for await (const frame of Readable.from(chunks).pipe(limit).pipe(parser)) {
    frames.push(limit.isTooLong(frame) ? '(too long)' : frame.toString('latin1'));
  }
  return frames;
}

it('drops the rest of a frame that is too long, and goes on with the next', async () => {
  const noise = Buffer.alloc(100_000, 'x');
  expect(await framesOf([Buffer.from('a=1\n'), noise, noise, Buffer.from('\nb=2\n')], 8)).toEqual([
    'a=1',
    '(too long)',
    'b=2',
    '',
  ]);
});

it('gives the same frames however the bytes were cut', async () => {
  const text = fc.stringMatching(/^[a-c\n]{0,60}$/);
  const cuts = fc.array(fc.nat(60), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(text, cuts, async (input, places) => {
      const sorted = [
        0,
        ...places.filter((place) => place < input.length).sort((a, b) => a - b),
        input.length,
      ];
      const chunks = sorted.slice(1).map((end, index) => Buffer.from(input.slice(sorted[index], end)));
      const expected = input.split('\n').map((frame) => (frame.length > 5 ? '(too long)' : frame));
      expect(await framesOf(chunks, 5)).toEqual(expected);
    }),
  );
});
