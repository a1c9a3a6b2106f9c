import { FieldlineError } from '../errors.js';

/** An integer as an opaque cursor. */
export function encodeCursor(position: number): string {
  return Buffer.from(String(position)).toString('base64url');
}

/** @throws FieldlineError `bad_cursor` 422 for anything that {@link encodeCursor} did not make */
export function decodeCursor(cursor: string): number {
  const digits = Buffer.from(cursor, 'base64url').toString('latin1');
  const position = /^[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(position)) {
    throw new FieldlineError('bad_cursor', 'The cursor is not one that this list gave out.', { status: 422 });
  }
  return position;
}
