import { crc32 } from 'node:zlib';
import { decodeCbor, encodeCbor, recoverCborNumber } from '@fieldline/protocol';
import { cobsDecode, cobsEncode } from './cobs.js';

/** Of the check behind the CBOR: CRC-32 as in zlib, the least byte first. */
const CHECK_BYTES = 4;

/** Ends a frame; before the first one it ends whatever noise was there. */
export const FRAME_END = 0;

/** What is wrong with a frame. `number` is that of a message whose check is right, as far as it can be found. */
export interface FrameFault {
  readonly kind: 'bad_crc' | 'malformed';
  readonly reason: string;
  readonly number?: { readonly seq: number; readonly boot?: string | undefined };
}

/** A message as it goes over the line: COBS around CBOR and its check, and the zero that ends it. */
export function writeFrame(message: object): Buffer {
  const payload = encodeCbor(message);
  const body = Buffer.allocUnsafe(payload.length + CHECK_BYTES);
  body.set(payload);
  body.writeUInt32LE(crc32(payload), payload.length);
  return Buffer.concat([cobsEncode(body), Buffer.of(FRAME_END)]);
}

/** Reads a frame without its end. Undefined: there was nothing in it. */
export function readFrame(
  bytes: Uint8Array,
): { readonly message: Record<string, unknown> } | FrameFault | undefined {
  if (bytes.length === 0) return undefined;
  const body = cobsDecode(bytes);
  if (body === undefined || body.length <= CHECK_BYTES) return { kind: 'malformed', reason: 'not COBS' };
  const payload = body.subarray(0, -CHECK_BYTES);
  if (crc32(payload) !== body.readUInt32LE(payload.length))
    return { kind: 'bad_crc', reason: 'the check is wrong' };
  try {
    const message = decodeCbor(payload);
    if (isMap(message)) return { message };
    return { kind: 'malformed', reason: 'not a map' };
  } catch (error) {
    const { seq, boot } = recoverCborNumber(payload);
    const fault = { kind: 'malformed', reason: (error as Error).message } as const;
    return seq === undefined ? fault : { ...fault, number: { seq, boot } };
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
