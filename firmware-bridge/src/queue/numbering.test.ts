import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Numbering, type NumberingOptions } from './numbering.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-numbering-'));
  file = join(directory, 'made', 'queue.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (options: Partial<NumberingOptions> = {}) =>
  Numbering.open(file, { journal: 'j', head: 0, confirmed: 0, system: 's1', skip: 10, ...options });

describe('the numbers of messages', () => {
  it('are their places, under the same boot, after a kill and after a close alike', () => {
    const { boot } = open();
    expect(open({ head: 5 }).seqOf(6)).toBe(6);
    open({ head: 6 }).close();
    const moved = open({ head: 6, system: 's2' });
    expect([moved.boot, moved.seqOf(7)]).toEqual([boot, 7]);
  });

  it.each([
    ['the system has started anew', 's1', 's2'],
    ['nobody knows whether it has', null, null],
  ])('skip what may have been given where the end of the journal may be lost: %s', (_, before, system) => {
    const { boot } = open({ system: before });
    const after = open({ head: 3, system });
    expect(after.boot).toBe(boot);
    expect([3, 4, 5].map((place) => after.seqOf(place))).toEqual([3, 14, 15]);
    // It may have been given, so the hub may know it.
    expect(after.seqOf(3, { isLast: true })).toBe(13);
    expect([2, 3, 9, 13, 14, 15].map((seq) => after.placeOf(seq))).toEqual([2, 3, 3, 3, 4, 5]);
    after.close();
    expect(open({ head: 4, system: 's3' }).seqOf(5)).toBe(15);
  });

  it('begin under another boot where the journal is another, or the file does not fit to it', () => {
    const { boot } = open();
    const other = open({ journal: 'k' });
    expect(other.boot).not.toBe(boot);
    open({ journal: 'k', head: 8, system: 's2' });
    expect(open({ journal: 'k', head: 7, system: 's2' }).boot).not.toBe(other.boot);
    writeFileSync(file, '{"boot":');
    const anew = open({ journal: 'k', head: 9 });
    expect([anew.seqOf(10), /^[0-9a-f]{16}$/.test(anew.boot)]).toEqual([10, true]);
  });

  it('are given under a new boot for good once the hub knows better', () => {
    const before = open();
    const { boot } = before;
    expect(before.rename()).not.toBe(boot);
    expect(open().boot).toBe(before.boot);
  });

  it('are never given twice, and lead back to their places, over any power cuts', () => {
    const life = fc.array(
      fc.record({
        written: fc.nat(20),
        lost: fc.nat(10),
        confirmed: fc.double({ min: 0, max: 1, noNaN: true }),
        isClosed: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(life, (starts) => {
        rmSync(file, { force: true });
        const given = new Map<number, string>();
        let contents: string[] = [];
        let confirmed = 0;
        starts.forEach((start, index) => {
          const numbering = open({ head: contents.length, confirmed, system: `s${index}` });
          for (let n = 0; n < start.written; n++) contents.push(`${index}.${n}`);
          contents.forEach((content, at) => {
            const place = at + 1;
            if (place <= confirmed) return;
            const seq = numbering.seqOf(place);
            expect(given.get(seq) ?? content).toBe(content);
            given.set(seq, content);
            expect(numbering.placeOf(seq)).toBe(place);
          });
          const highest = numbering.seqOf(contents.length, { isLast: true });
          expect(highest).toBeGreaterThanOrEqual(Math.max(0, ...given.keys()));
          if (start.isClosed) numbering.close();
          else contents = contents.slice(0, contents.length - Math.min(start.lost, start.written));
          confirmed = Math.max(confirmed, Math.floor(start.confirmed * contents.length));
        });
      }),
    );
  });
});
