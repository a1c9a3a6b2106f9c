import { CAPS, type Cap, LOG_LEVELS, RESULT_STATUSES } from '../codes.js';
import { LIMITS } from '../limits.js';
import type { ConfigReport, Hello, Result } from '../messages/device.js';
import { isBoot, isCommandId } from '../names.js';
import {
  boolean,
  FieldFault,
  longText,
  ms,
  named,
  oneOf,
  optionalLongText,
  optionalMs,
  optionalObject,
  optionalSecret,
  optionalText,
  optionalTextList,
  optionalUint,
  uint,
} from './fields.js';
import type { DecodedFrame, JsonObject } from './frame.js';

const BOOT_RULE = '1 to 32 of A-Z a-z 0-9 _ -';
const ID_RULE = '1 to 26 of 0-9 A-Z a-z';

type TypedDecoder = (message: JsonObject) => DecodedFrame;

/** The messages that are checked as a whole, by `type`. Each throws FieldFault. */
export const TYPED: ReadonlyMap<string, TypedDecoder> = new Map<string, TypedDecoder>([
  ['hello', (message) => ({ kind: 'hello', message: hello(message) })],
  ['result', (message) => ({ kind: 'result', message: result(message) })],
  ['config', (message) => ({ kind: 'config', message: config(message) })],
  ['log', (message) => ({ kind: 'log', message: log(message) })],
  ['time', (message) => ({ kind: 'time', message: { type: 'time', uptime: ms(message, 'uptime') } })],
]);

function hello(message: JsonObject): Hello {
  const boot = present(message, 'boot') ? named(message, 'boot', isBoot, BOOT_RULE) : undefined;
  const rxMax = optionalUint(message, 'rxMax');
  if (rxMax !== undefined && rxMax < LIMITS.minRxMaxBytes) {
    throw new FieldFault(`rxMax: at least ${LIMITS.minRxMaxBytes} expected, got ${rxMax}`);
  }
  return withoutUndefined<Hello>({
    type: 'hello',
    boot,
    seq: optionalUint(message, 'seq'),
    firmware: optionalText(message, 'firmware'),
    profile: optionalText(message, 'profile'),
    caps: optionalTextList(message, 'caps')?.filter(isCap),
    rxMax,
    uptime: optionalMs(message, 'uptime'),
    config: optionalUint(message, 'config'),
    sleep: optionalMs(message, 'sleep'),
    token: optionalSecret(message, 'token', LIMITS.tokenBytes),
  });
}

function result(message: JsonObject): Result {
  return withoutUndefined<Result>({
    type: 'result',
    id: named(message, 'id', isCommandId, ID_RULE),
    status: oneOf(message, 'status', RESULT_STATUSES),
    result: message.result,
    code: optionalText(message, 'code'),
    message: optionalLongText(message, 'message'),
  });
}

function config(message: JsonObject): ConfigReport {
  return withoutUndefined<ConfigReport>({
    type: 'config',
    version: uint(message, 'version'),
    ok: boolean(message, 'ok'),
    reported: optionalObject(message, 'reported'),
    code: optionalText(message, 'code'),
    message: optionalLongText(message, 'message'),
  });
}

function log(message: JsonObject) {
  const level = present(message, 'level') ? oneOf(message, 'level', LOG_LEVELS) : 'info';
  return { type: 'log', level, message: longText(message, 'message') } as const;
}

function present(message: JsonObject, name: string): boolean {
  return message[name] !== undefined && message[name] !== null;
}

function isCap(value: string): value is Cap {
  return (CAPS as readonly string[]).includes(value);
}

/** Leaves out what is undefined, so that "absent" has one form. */
function withoutUndefined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
