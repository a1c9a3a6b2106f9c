import { readFileSync } from 'node:fs';

/** The hub's version, as its package states it. */
export function hubVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}
