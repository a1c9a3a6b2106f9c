import { readFileSync } from 'node:fs';

/** The bridge's version, as its package states it. */
export function bridgeVersion(): string {
  // One directory up in the sources, the build and the bundle alike.
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}
