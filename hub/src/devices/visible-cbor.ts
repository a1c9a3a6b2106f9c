import { CborFault, cutText, decodeCbor } from '@fieldline/protocol';

/**
 * A frame of CBOR as operators may see it: as the JSON that says the same, with NaN and infinite numbers by their names,
 * and byte strings as `{"bytes":"…"}`; what is no such message, in hexadecimal up to where a token may begin. Cut to `maxBytes`.
 */
export function visibleCbor(frame: Buffer, maxBytes: number): string {
  try {
    return cutText(JSON.stringify(decodeCbor(frame), shown), maxBytes);
  } catch (error) {
    if (!(error instanceof CborFault)) throw error;
    const token = frame.indexOf('token');
    const end = Math.min(token < 0 ? frame.length : token, Math.floor(maxBytes / 2));
    return `h'${frame.toString('hex', 0, end)}'${end < frame.length ? '…' : ''}`;
  }
}

function shown(key: string, value: unknown): unknown {
  if (key === 'token' && typeof value === 'string') return '…';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
