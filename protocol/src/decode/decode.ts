import { type Buffer, isUtf8 } from 'node:buffer';
import { describeParseError, faultOf, isDeeperThan } from '../json.js';
import { LIMITS } from '../limits.js';
import { isBoot, isSeq } from '../names.js';
import { cutText } from '../text.js';
import { FieldFault } from './fields.js';
import {
  type DecodedFrame,
  isJsonObject,
  type JsonObject,
  type MalformedFrame,
  malformed,
  type TelemetryFrame,
} from './frame.js';
import { recoverSeq } from './recover-seq.js';
import { TYPED } from './typed.js';

/**
 * Says what a frame from a device is. Never throws: what cannot be understood is `malformed`, with `seq`
 * where it can be found. Runs once per message, at little more than the cost of `JSON.parse`; only the
 * envelope of telemetry is checked here (see {@link DecodedTelemetry}).
 *
 * Nothing in the result nests deeper than 16, so that it may be turned into JSON again.
 */
export function decodeDeviceFrame(frame: Buffer): DecodedFrame {
  if (!isUtf8(frame)) return malformed('not valid UTF-8', recoverSeq(frame.toString('latin1')));
  const text = frame.toString();
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    return malformed(describeParseError(error), recoverSeq(text));
  }
  return isJsonObject(message) ? decodeObject(message) : malformed('an object expected');
}

/**
 * Says what one parsed message is that came over HTTP or MQTT, where `type` may be absent (protocol §3, §4):
 * an object with `values`, `rows` or `columns` is telemetry. Never throws. The value may come from a plain
 * `JSON.parse`: what is unfit in it is found here.
 */
export function decodeIngestMessage(message: unknown): DecodedFrame {
  if (!isJsonObject(message)) return malformed('an object expected');
  const looksLikeTelemetry =
    isContainer(message.values) || isContainer(message.rows) || isContainer(message.columns);
  return message.type === undefined && looksLikeTelemetry ? decodeTelemetry(message) : decodeObject(message);
}

/** Says what a parsed message is. Never throws. */
export function decodeObject(message: JsonObject): DecodedFrame {
  const type = message.type;
  if (type === 'telemetry') return decodeTelemetry(message);
  if (type === undefined) {
    if (isDeeperThan(message, LIMITS.jsonDepth)) return malformed('nested too deeply');
    return { kind: 'reading', values: message };
  }
  const seq = isSeq(message.seq) ? message.seq : undefined;
  if (typeof type !== 'string') return malformed('type: a text expected', seq);
  const fault = faultOf(message, LIMITS.jsonDepth);
  if (fault !== undefined) return malformed(fault, seq);
  const decode = TYPED.get(type);
  if (decode === undefined) {
    const unknown = { kind: 'unknown_type', type: cutText(type, 64) } as const;
    return seq === undefined ? unknown : { ...unknown, seq };
  }
  try {
    return decode(message);
  } catch (error) {
    if (error instanceof FieldFault) return malformed(error.message, seq);
    throw error;
  }
}

/** Checks the envelope of telemetry; its own fields come first, in one pass over the keys. */
function decodeTelemetry(message: JsonObject): TelemetryFrame | MalformedFrame {
  const seq = message.seq;
  if (seq !== undefined && !isSeq(seq)) return malformed('seq: an integer from 1 to 2^53-1 expected');
  for (const key in message) {
    const value = message[key];
    switch (key) {
      case 'type':
      case 'seq':
        break;
      case 'values':
      case 'rows':
      case 'columns':
      case 'dt':
        if (isDeeperThan(value, LIMITS.jsonDepth - 1)) return malformed('nested too deeply', seq);
        break;
      case 'boot':
        if (!isBoot(value)) return malformed('boot: 1 to 32 of A-Z a-z 0-9 _ - expected', seq);
        break;
      case 'clock':
        if (value !== 'uptime') return malformed('clock: only "uptime" is known', seq);
        break;
      case 'time':
      case 't0':
      case 'uptime':
        if (typeof value !== 'object') break;
        if (faultOf(value, LIMITS.jsonDepth - 1) !== undefined)
          return malformed(`${key}: a number expected`, seq);
        break;
      default: {
        const fault = faultOf({ [key]: value }, LIMITS.jsonDepth); // an own key, even for __proto__
        if (fault !== undefined) return malformed(fault, seq);
      }
    }
  }
  return { kind: 'telemetry', message: message as TelemetryFrame['message'] };
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
