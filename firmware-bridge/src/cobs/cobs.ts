/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): bytes without
 * a zero among them, one in 254 more at most, so that a zero can end each frame and noise ends with the next one.
 */

/** Longest run of a block; a block of that length stands for no zero behind it. */
const FULL = 254;

/** The encoded bytes, without the zero that ends the frame. */
export function cobsEncode(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length + Math.floor(bytes.length / FULL) + 1);
  let codeAt = 0;
  let length = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0) out[length++] = byte;
    const isFull = length - codeAt > FULL;
    if (byte !== 0 && !isFull) continue;
    out[codeAt] = length - codeAt;
    // A full block at the very end needs none behind it.
    if (isFull && at === bytes.length - 1) return out.subarray(0, length);
    codeAt = length++;
  }
  out[codeAt] = length - codeAt;
  return out.subarray(0, length);
}

/** What was encoded, or undefined when it is not that: a zero inside, or a block that goes past the end. */
export function cobsDecode(bytes: Uint8Array): Buffer | undefined {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at] as number;
    const end = at + code;
    if (code === 0 || end > bytes.length) return undefined;
    for (at++; at < end; at++) {
      if (bytes[at] === 0) return undefined;
      out[length++] = bytes[at] as number;
    }
    if (code <= FULL && at < bytes.length) out[length++] = 0;
  }
  return out.subarray(0, length);
}
