/** What the hub asks of a password, in characters as people count them. */
export const MIN_LENGTH = 12;

export type Strength = 'none' | 'short' | 'weak' | 'fair' | 'good' | 'strong';

/**
 * How a new password looks, for a word of advice. Length counts, not signs (NIST SP 800-63B §5.1.1.2); what repeats
 * itself is as long as what it repeats. The hub asks for the length only.
 */
export function strengthOf(
  password: string,
  name: string,
): { readonly strength: Strength; readonly missing: number } {
  const characters = [...password.normalize('NFC')];
  const missing = Math.max(0, MIN_LENGTH - characters.length);
  if (characters.length === 0) return { strength: 'none', missing };
  if (missing > 0) return { strength: 'short', missing };
  const own = name.length > 2 ? password.toLowerCase().replaceAll(name.toLowerCase(), '') : password;
  const distinct = new Set(own.toLowerCase()).size;
  if (distinct < 6 || isRepeated(password) || isRun(password)) return { strength: 'weak', missing };
  if (characters.length < 16) return { strength: 'fair', missing };
  return { strength: characters.length < 24 ? 'good' : 'strong', missing };
}

/** `hunter2hunter2`: a part of at most half its length, again and again. */
function isRepeated(text: string): boolean {
  return /^(.+?)\1+.{0,3}$/su.test(text);
}

/** `abcdefghijkl`, `123456789012`: most characters follow from the one before. */
function isRun(text: string): boolean {
  let steps = 0;
  for (let at = 1; at < text.length; at++) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
    if (Math.abs(step) <= 1 || Math.abs(step) === 9) steps++;
  }
  return steps > 0.7 * (text.length - 1);
}
