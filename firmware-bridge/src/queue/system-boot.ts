import { readFileSync } from 'node:fs';

/**
 * Names this start of the operating system; null where it has no such name. As long as it stays the same, what was
 * written to a file is there, synced or not. (random(4), "boot_id".)
 */
export function systemBoot(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
