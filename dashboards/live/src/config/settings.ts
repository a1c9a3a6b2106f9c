import type { DeviceConfig } from '@fieldline/protocol/browser';

/** Names to values, of which nothing is known before: desired ones are values, reported ones any JSON. */
export type Settings = Readonly<Record<string, unknown>>;

/** The configuration of a device, with its settings to be read by name. */
export interface Config extends Omit<DeviceConfig, 'desired' | 'reported'> {
  readonly desired: Settings;
  readonly reported: Settings;
}

export const configOf = (view: DeviceConfig): Config => view as Config;

/** A setting; undefined for one that is absent, whatever objects inherit. */
export const own = (settings: Settings, key: string): unknown =>
  Object.hasOwn(settings, key) ? settings[key] : undefined;
