import { createHash, randomBytes } from 'node:crypto';

/**
 * A new secret: 256 random bits in base64url behind a prefix that tells people, and scanners for leaked
 * secrets, what it is.
 */
export function newSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/**
 * What is kept of a secret: its SHA-256 in base64url. The secrets are random and long, so a slow password hash
 * would add nothing. They are looked up by this hash; how long the lookup takes tells an attacker something about
 * the hash of a guess, from which no better guess follows, so no comparison in constant time is needed.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** A name for something that is not secret: 64 random bits in hexadecimal. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

/** Whether a text may be one of our secrets, also with its end cut off: people put tokens where a name belongs. */
export function looksSecret(text: string): boolean {
  return /^fl[a-z]_[\w-]{16,}$/.test(text);
}
