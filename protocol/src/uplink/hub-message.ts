import type { HubMessage } from '../messages/hub.js';
import { isCommandId, isSeq } from '../names.js';

/**
 * Reads a frame from the hub. Checks what the uplink relies on and no more, so that a newer hub may add
 * fields and codes; a type that is not known here gives null, as the protocol says it is ignored.
 * @returns undefined when it is not a message of the protocol
 */
export function readHubMessage<F>(frame: F, parse: (frame: F) => unknown): HubMessage | null | undefined {
  let message: unknown;
  try {
    message = parse(frame);
  } catch {
    return undefined; // the caller tells the application
  }
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const check = CHECKS.get(message.type);
  if (check === undefined) return typeof message.type === 'string' ? null : undefined;
  return check(message as Fields) ? (message as HubMessage) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const CHECKS: ReadonlyMap<unknown, (message: Fields) => boolean> = new Map<unknown, (m: Fields) => boolean>([
  ['ack', (m) => isSeq(m.seq) && typeof m.boot === 'string'],
  ['welcome', isWelcome],
  ['reject', (m) => typeof m.code === 'string' && isSeqOrAbsent(m.seq)],
  ['window', (m) => isCount(m.window)],
  ['command', (m) => isCommandId(m.id) && typeof m.name === 'string'],
  ['config', (m) => isCount(m.version) && typeof m.desired === 'object' && m.desired !== null],
  ['time', (m) => isMs(m.time) && isMs(m.uptime)],
  ['error', (m) => typeof m.code === 'string' && isSeqOrAbsent(m.seq) && isMsOrAbsent(m.retryAfter)],
  ['bye', (m) => isMsOrAbsent(m.retryAfter)],
]);

function isWelcome(m: Fields): boolean {
  return (
    (m.ack === null || isCount(m.ack)) &&
    isCount(m.window) &&
    isCount(m.maxFrame) &&
    isMs(m.heartbeat) &&
    Array.isArray(m.reconnect) &&
    isMs(m.reconnect[0]) &&
    isMs(m.reconnect[1])
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMs(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isMsOrAbsent(value: unknown): boolean {
  return value === undefined || isMs(value);
}

function isSeqOrAbsent(value: unknown): boolean {
  return value === undefined || isSeq(value);
}
