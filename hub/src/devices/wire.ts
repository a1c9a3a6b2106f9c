import {
  type DecodedFrame,
  decodeDeviceCborFrame,
  decodeDeviceFrame,
  encodeCbor,
  SUBPROTOCOL_CBOR,
} from '@fieldline/protocol';
import { visibleCbor } from './visible-cbor.js';
import { visibleText } from './visible-text.js';

/**
 * How messages are written on a device's connection. Inside the hub every message to a device is a text of JSON; what
 * else goes over the wire is made of it at the last moment.
 */
export interface Wire {
  /** Says what a frame from the device is. Never throws. */
  decode(frame: Buffer): DecodedFrame;
  /** The frame of a message: a text frame of a string, a binary one of a buffer. */
  encode(message: string): string | Buffer;
  /** Length of that frame's payload, in bytes. */
  lengthOf(message: string): number;
  /** The first `maxBytes` or so of a frame as operators may see it: without a token. */
  show(frame: Buffer, maxBytes: number): string;
  /** Whether a frame that was refused may have named another boot than this one. */
  mayNameOther(frame: Buffer, boot: string | null): boolean;
}

const JSON_WIRE: Wire = {
  decode: decodeDeviceFrame,
  encode: (message) => message,
  lengthOf: (message) => Buffer.byteLength(message),
  show: visibleText,
  mayNameOther: (frame, boot) => frame.includes('"boot"') && !frame.includes(`"${boot}"`),
};

const CBOR_WIRE: Wire = {
  decode: decodeDeviceCborFrame,
  encode: (message) => encodeCbor(JSON.parse(message)),
  lengthOf: (message) => encodeCbor(JSON.parse(message)).length,
  show: visibleCbor,
  mayNameOther: (frame, boot) => frame.includes(BOOT_KEY) && !frame.includes(encodeCbor(boot)),
};
const BOOT_KEY = encodeCbor('boot');

/** @param subprotocol what was agreed on; empty where nothing was */
export function wireOf(subprotocol: string): Wire {
  return subprotocol === SUBPROTOCOL_CBOR ? CBOR_WIRE : JSON_WIRE;
}
