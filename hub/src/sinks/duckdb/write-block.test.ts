import { expect, test } from 'vitest';
import { WriteBlock } from './write-block.js';

function part(first: number, sizeBytes: number) {
  return { first, packed: new Uint8Array(sizeBytes).fill(first) };
}

test('parts are copied, each to a boundary of eight bytes', () => {
  const given = [part(1, 13), part(2, 8), part(3, 1)];
  const { parts, block } = new WriteBlock().take(given);
  expect(parts).toEqual(given);
  expect(parts.map(({ packed }) => packed.byteOffset)).toEqual([0, 16, 24]);
  expect(parts.every(({ packed }) => packed.buffer === block)).toBe(true);
});

test('a block that came back is used again, unless it is too small', () => {
  const blocks = new WriteBlock();
  const { block } = blocks.take([part(1, 1_000)]);
  blocks.give(block);
  expect(blocks.take([part(2, 900)]).block).toBe(block);
  expect(blocks.take([part(3, 900)]).block).not.toBe(block);
  blocks.give(block);
  expect(blocks.take([part(4, 1_001)]).block).not.toBe(block);
});

test('a very large block is not kept', () => {
  const blocks = new WriteBlock();
  const { block } = blocks.take([part(1, 9 * 1024 * 1024)]);
  blocks.give(block);
  expect(blocks.take([part(2, 10)]).block.byteLength).toBe(16);
});
