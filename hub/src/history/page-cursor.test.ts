import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldlineError } from '../errors.js';
import { decodePageCursor, encodePageCursor, type PageCursor } from './page-cursor.js';

const whole = fc.integer({ min: 1, max: 2 ** 53 - 1 });
const cursor: fc.Arbitrary<PageCursor> = fc.oneof(
  fc.record({ kind: fc.constant('bucket' as const), intervalMs: whole, startMs: whole }),
  fc.record({ kind: fc.constant('row' as const), timeUs: whole, skip: whole }),
);

test('a cursor comes back as it was', () => {
  fc.assert(
    fc.property(cursor, (original) => {
      expect(decodePageCursor(encodePageCursor(original), original.kind)).toEqual(original);
    }),
  );
});

test('any other text is refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), fc.constantFrom('bucket', 'row'), (text, kind) => {
      try {
        const decoded = decodePageCursor(text, kind as PageCursor['kind']);
        expect(decoded.kind).toBe(kind);
      } catch (error) {
        expect(error).toBeInstanceOf(FieldlineError);
        expect(error).toMatchObject({ code: 'bad_cursor', status: 422 });
      }
    }),
  );
});
