import type { AlarmView, CommandView, LogLevel, RawWire } from '@fieldline/protocol';

/** A device came or went. `at` in ms since 1970. */
export interface StatusEvent {
  readonly device: string;
  readonly online: boolean;
  /** Why, in a word: `timeout`, `replaced`, `closed` … */
  readonly reason?: string | undefined;
  readonly at: number;
}

/** A line of a device's log. `at` in ms since 1970. */
export interface LogEvent {
  readonly device: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly at: number;
}

/** A frame as it went between a device and the hub. `at` in ms since 1970. */
export interface RawEvent {
  readonly device: string;
  readonly direction: 'in' | 'out';
  /** As operators may see it: cut, and without tokens. */
  readonly frame: string;
  /** Of the whole frame on the wire. */
  readonly bytes: number;
  readonly via: RawWire;
  readonly at: number;
}

/**
 * Frames are built once as bytes and given to every viewer that wants the same: a delivery then costs no
 * encoding.
 */
export type Frame = Buffer;

export function updateFrame(rows: readonly string[]): Frame {
  return Buffer.from(`{"type":"update","readings":[${rows.join(',')}]}`);
}

/** `devices` are objects that are JSON already. */
export function snapshotFrame(id: number, devices: readonly string[], more: boolean): Frame {
  return Buffer.from(`{"type":"snapshot","id":${id},"devices":[${devices.join(',')}],"more":${more}}`);
}

export function statusFrame({ device, online, reason, at }: StatusEvent): Frame {
  return jsonFrame({ type: 'status', device, online, reason, at });
}

export function commandFrame(command: CommandView): Frame {
  return jsonFrame({ type: 'command', command });
}

export function alarmFrame(alarm: AlarmView): Frame {
  return jsonFrame({ type: 'alarm', alarm });
}

export function logFrame({ device, level, message, at }: LogEvent): Frame {
  return jsonFrame({ type: 'log', device, level, message, at });
}

export function rawFrame({ device, direction, frame, bytes, via, at }: RawEvent): Frame {
  return jsonFrame({ type: 'raw', device, direction, frame, bytes, via, at });
}

export function lagFrame(dropped: number, since: number): Frame {
  return jsonFrame({ type: 'lag', dropped, since });
}

export function errorFrame(id: number | undefined, code: string, message: string): Frame {
  return jsonFrame({ type: 'error', id, code, message });
}

function jsonFrame(message: object): Frame {
  return Buffer.from(JSON.stringify(message));
}
