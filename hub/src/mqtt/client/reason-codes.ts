import { SinkError } from '../../sinks/sink.js';
import { RefusedMessage } from '../transport.js';

/** What a broker says with a code, in the words of MQTT 5 §2.4. */
const WORDS: Readonly<Record<number, string>> = {
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorised',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep alive timeout',
  142: 'session taken over: another client uses the same mqtt.clientId',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  147: 'receive maximum exceeded',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  154: 'retain not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
};

/** What MQTT 3.1.1 §3.2.2.3 says with a refused CONNECT, as codes of MQTT 5. */
const OLD_CONNACK: Readonly<Record<number, number>> = { 1: 132, 2: 133, 3: 136, 4: 134, 5: 135 };

/** The codes of who the hub is and what it may do: somebody has to mend that. */
const CREDENTIALS = new Set([133, 134, 135, 138, 140]);
/** The codes that are about one message. */
const THIS_MESSAGE = new Set([144, 149, 151, 153]);
/** The codes that pass by themselves. */
const OVERLOAD = new Set([136, 137, 147, 150, 159]);

export function reasonWords(code: number): string {
  return WORDS[code] ?? `reason ${code}`;
}

/** A code of CONNACK as one of MQTT 5, whichever version it came with. */
export function connackReason(code: number): number {
  return OLD_CONNACK[code] ?? code;
}

/** Why the connection was refused, or ended by the broker. */
export function connectionRefusal(code: number): SinkError {
  const kind = CREDENTIALS.has(code) ? 'credentials' : OVERLOAD.has(code) ? 'overload' : 'network';
  return new SinkError(kind, `the MQTT broker says: ${reasonWords(code)}`);
}

/** Why a message was refused by its PUBACK; undefined when it was not. */
export function publishRefusal(code: number): SinkError | RefusedMessage | undefined {
  if (code < 0x80) return undefined;
  const message = `the MQTT broker says: ${reasonWords(code)}`;
  if (THIS_MESSAGE.has(code)) return new RefusedMessage(message);
  // Of no known cause: the pump finds out whether a single message is at fault.
  const kind = CREDENTIALS.has(code) ? 'credentials' : OVERLOAD.has(code) ? 'overload' : 'internal';
  return new SinkError(kind, message);
}
