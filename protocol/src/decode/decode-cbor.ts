import type { Buffer } from 'node:buffer';
import { decodeCbor } from '../cbor/decode.js';
import { CborFault } from '../cbor/reader.js';
import { recoverCborSeq } from '../cbor/recover-seq.js';
import { decodeObject } from './decode.js';
import { type DecodedFrame, isJsonObject, malformed } from './frame.js';
import { recoverSeq } from './recover-seq.js';

/** `{`, which begins a text of JSON, and no map. */
const BRACE = 0x7b;

/**
 * Says what a frame of CBOR from a device is (`fieldline.v1.cbor`): the same as {@link decodeDeviceFrame} says of the
 * same map in JSON. Never throws: what cannot be understood is `malformed`, with `seq` where it can be found.
 */
export function decodeDeviceCborFrame(frame: Buffer): DecodedFrame {
  if (frame[0] === BRACE) {
    return malformed('CBOR was agreed on, and this looks like JSON', recoverSeq(frame.toString()));
  }
  try {
    const message = decodeCbor(frame);
    return isJsonObject(message) ? decodeObject(message) : malformed('a map expected');
  } catch (error) {
    if (!(error instanceof CborFault)) throw error;
    return malformed(error.message, recoverCborSeq(frame));
  }
}
