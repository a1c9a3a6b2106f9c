import { utf8Length } from './text.js';

/** A device id, as a regular expression's source (for schemas). */
export const DEVICE_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$';
/** A metric's or a command's name. {@link isMetricName} refuses a few words more. */
export const METRIC_NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$';
/** One start of a device: what its message numbers count within. */
export const BOOT_PATTERN = '^[A-Za-z0-9_-]{1,32}$';
/** The id of a command in flight. */
export const COMMAND_ID_PATTERN = '^[0-9A-Za-z]{1,26}$';
/** A device profile's name. It becomes an InfluxDB measurement and part of URLs. */
export const PROFILE_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$';

/** What a user logs in with. No colon: the audit writes `user:<name>`. */
export const USER_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$';

const deviceId = new RegExp(DEVICE_ID_PATTERN);
const metricName = new RegExp(METRIC_NAME_PATTERN);
const bootName = new RegExp(BOOT_PATTERN);
const commandId = new RegExp(COMMAND_ID_PATTERN);
const userName = new RegExp(USER_NAME_PATTERN);
const profileName = new RegExp(PROFILE_NAME_PATTERN);

/** Whether a key could reach an object's prototype when somebody assigns it carelessly. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && deviceId.test(value);
}

/** `time` is refused because it is the name of the timestamp in every store and export. */
export function isMetricName(value: unknown): value is string {
  return typeof value === 'string' && metricName.test(value) && value !== 'time' && !isForbiddenKey(value);
}

/** A command's name follows the rules of a metric's. */
export function isCommandName(value: unknown): value is string {
  return isMetricName(value);
}

/** A command's parameter or a key of the device's configuration: like a metric, but `time` is allowed. */
export function isParamName(value: unknown): value is string {
  return typeof value === 'string' && metricName.test(value) && !isForbiddenKey(value);
}

export function isBoot(value: unknown): value is string {
  return typeof value === 'string' && bootName.test(value);
}

/** A message's number within its boot: an integer, 1 … 2^53−1. */
export function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

export function isCommandId(value: unknown): value is string {
  return typeof value === 'string' && commandId.test(value);
}

export function isProfileName(value: unknown): value is string {
  return typeof value === 'string' && profileName.test(value);
}

export function isUserName(value: unknown): value is string {
  return typeof value === 'string' && userName.test(value);
}

/** A display name or a tag's value: any text of at most `maxBytes` of UTF-8 without NUL. */
export function isText(value: unknown, maxBytes = 128): value is string {
  return (
    typeof value === 'string' &&
    value.length <= maxBytes &&
    !value.includes('\0') &&
    utf8Length(value) <= maxBytes
  );
}
