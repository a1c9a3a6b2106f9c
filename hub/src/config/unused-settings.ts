import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config.js';
import type { UnusedPart } from './setting.js';
import { settings } from './settings.js';

/** A setting that somebody has made, and that has no effect. */
export interface UnusedSetting {
  readonly key: string;
  readonly env: string;
  /** The part that this version does not have. */
  readonly part: UnusedPart;
}

/** What the hub does without each part. */
const WITHOUT: Readonly<Record<UnusedPart, string>> = {
  commands: 'nothing is taken from the broker but telemetry',
};

/** The settings that differ from their default though this version does not have the part they belong to. */
export function unusedSettings(config: Config): UnusedSetting[] {
  const unused: UnusedSetting[] = [];
  for (const { key, path, env, setting } of settings.values()) {
    if (setting.unused === undefined || isDeepStrictEqual(valueAt(config, path), setting.default)) continue;
    unused.push({ key, env, part: setting.unused });
  }
  return unused;
}

/** Tells the person who made the setting what becomes of it. */
export function unusedNotice({ key, part }: UnusedSetting): string {
  return `${key} is set, but this version has no ${part} yet: ${WITHOUT[part]}`;
}

function valueAt(config: Config, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], config);
}
