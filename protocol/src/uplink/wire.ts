import { Buffer } from 'node:buffer';
import { decodeCbor } from '../cbor/decode.js';
import { encodeCbor } from '../cbor/encode.js';
import { SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON } from '../codes.js';

/** How an uplink's messages are written on the wire: text frames of JSON, or binary ones of CBOR (RFC 8949). */
export type UplinkEncoding = 'json' | 'cbor';

/** Inside the uplink a message to the hub is a text of JSON; what else goes over the wire is made of it at the last moment. */
export interface Wire {
  readonly subprotocol: string;
  /** Whether its frames are binary. */
  readonly isBinary: boolean;
  /** Bytes, for text frames too: of a string `ws` would make two pieces, and the system two buffers to gather. */
  encode(message: string): Buffer;
  /** Length of the frame, bytes. */
  lengthOf(message: string): number;
  /** @throws Error when it cannot be understood */
  decode(frame: Buffer): unknown;
}

export const WIRES: Readonly<Record<UplinkEncoding, Wire>> = {
  json: {
    subprotocol: SUBPROTOCOL_JSON,
    isBinary: false,
    encode: (message) => Buffer.from(message),
    lengthOf: (message) => Buffer.byteLength(message),
    decode: (frame) => JSON.parse(frame.toString()),
  },
  cbor: {
    subprotocol: SUBPROTOCOL_CBOR,
    isBinary: true,
    encode: (message) => encodeCbor(JSON.parse(message)),
    lengthOf: (message) => encodeCbor(JSON.parse(message)).length,
    decode: (frame) => decodeCbor(frame),
  },
};
