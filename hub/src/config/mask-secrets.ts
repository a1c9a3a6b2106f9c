import { stringify } from 'yaml';
import type { Config } from '../config.js';
import { settings } from './settings.js';
import { MASK, maskPassword } from './url.js';

/** A copy whose secrets are `••••` where they are set, passwords in URLs too. */
export function maskSecrets(config: Config): Config {
  const copy: Record<string, unknown> = structuredClone(config);
  for (const { path, setting } of settings.values()) {
    if (setting.secret) mask(copy, path, () => MASK);
    else if (setting.kind === 'url') mask(copy, path, maskPassword);
  }
  return copy as Config;
}

/** The configuration as a file would say it, for `fieldline config`. Secrets are masked. */
export function configYaml(config: Config): string {
  return stringify(maskSecrets(config), { lineWidth: 0 });
}

function mask(
  node: Record<string, unknown>,
  path: readonly string[],
  masked: (value: string) => string,
): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  const child = node[name];
  if (rest.length === 0) {
    if (typeof child === 'string') node[name] = masked(child);
  } else {
    mask(child as Record<string, unknown>, rest, masked);
  }
}
