import { CONFIG_STATES, type ConfigState, type Value } from '@fieldline/protocol';
import { integer, json, optionalInteger, optionalText, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** A configuration: what a device is to run, and what it says it runs. */
export interface DeviceConfigRecord {
  /** Counts up with every change of `desired`; 0 before the first. */
  readonly version: number;
  readonly desired: Readonly<Record<string, Value | null>>;
  /** Any JSON object. */
  readonly reported: Readonly<Record<string, unknown>>;
  readonly state: ConfigState;
  /** Why the device has rejected it; null otherwise. */
  readonly code: string | null;
  readonly message: string | null;
  /** Who set `desired`, and when (ms since 1970); null before the first, or when an older hub did not note it. */
  readonly by: string | null;
  readonly at: number | null;
  /** The version of the device's last report, and when that came (ms since 1970); null likewise. */
  readonly reportedVersion: number | null;
  readonly reportedAt: number | null;
}

const columns = {
  device: text('device'),
  version: integer('version'),
  desired: json('desired'),
  reported: json('reported'),
  state: word('state', CONFIG_STATES),
  code: optionalText('code'),
  message: optionalText('message'),
  by: optionalText('set_by'),
  at: optionalInteger('set_at'),
  reportedVersion: optionalInteger('reported_version'),
  reportedAt: optionalInteger('reported_at'),
};

/** The configurations of all devices. */
export class DeviceConfigStore {
  readonly #all: Select<
    { device: string; desired: unknown; reported: unknown } & Omit<DeviceConfigRecord, 'desired' | 'reported'>
  >;
  readonly #save: Change;

  constructor(state: StateFile) {
    this.#all = state.select(columns, 'FROM device_configs ORDER BY device');
    this.#save = state.change(
      `INSERT INTO device_configs (device, version, desired, reported, state, code, message, set_by, set_at,
         reported_version, reported_at)
       SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM devices WHERE id = ?
       ON CONFLICT (device) DO UPDATE SET version = excluded.version, desired = excluded.desired,
         reported = excluded.reported, state = excluded.state, code = excluded.code, message = excluded.message,
         set_by = excluded.set_by, set_at = excluded.set_at,
         reported_version = excluded.reported_version, reported_at = excluded.reported_at`,
    );
  }

  all(): readonly (DeviceConfigRecord & { readonly device: string })[] {
    return this.#all.all() as (DeviceConfigRecord & { device: string })[];
  }

  save(device: string, config: DeviceConfigRecord): void {
    const { version, desired, reported, state, code, message, by, at, reportedVersion, reportedAt } = config;
    const [wanted, said] = [JSON.stringify(desired), JSON.stringify(reported)];
    const verdict = [state, code, message] as const;
    this.#save.run(version, wanted, said, ...verdict, by, at, reportedVersion, reportedAt, device);
  }
}
