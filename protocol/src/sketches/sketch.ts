import type { Value } from '../messages/fields.js';
import { arduino, espIdf } from './boards.js';
import { micropython, node, python } from './scripts.js';
import { curl, mosquittoPub } from './shell.js';

/** Where MQTT clients send. */
export interface MqttAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** What its topics start with. */
  readonly prefix: string;
  /** Whether the hub is the broker itself: then a device logs in with its id and token. */
  readonly embedded: boolean;
}

/** What a sketch is filled in with. */
export interface SketchInput {
  /** Base address of the hub as the device reaches it: `http://192.168.4.2:8080`. */
  readonly hubUrl: string;
  readonly device: string;
  readonly token: string;
  /** The readings that it sends, with an example of each value; at least one. */
  readonly values: Readonly<Record<string, Value>>;
  /** Time between two readings, ms. */
  readonly intervalMs: number;
  /** Null where there is no broker. */
  readonly mqtt: MqttAddress | null;
}

const SKETCHES = {
  'arduino-esp32': arduino,
  'esp-idf': espIdf,
  micropython,
  python,
  node,
  curl,
  mosquitto_pub: mosquittoPub,
} as const satisfies Record<string, (input: SketchInput) => string>;

/** What a sketch can be written for. */
export type Board = keyof typeof SKETCHES;

/** All of them, in the order in which they are shown. */
export const BOARDS = Object.keys(SKETCHES) as readonly Board[];

/**
 * A first program for a device, that can be used as it is: it logs in and sends its values at the interval (curl and
 * mosquitto_pub once). Whatever the input holds, it stays within its literals.
 */
export function sketchOf(board: Board, input: SketchInput): string {
  return SKETCHES[board](input);
}
