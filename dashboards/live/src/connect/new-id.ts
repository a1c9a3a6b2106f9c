import { isDeviceId, isParamName, isText } from '@fieldline/protocol/browser';

/** The longest beginning of a suggested id: a number still fits behind it. */
const MAX_BEGINNING = 58;

/** What ids of a kind begin with: `cold-room-`. */
export function beginningOf(profile: string | null): string {
  const base = (profile ?? 'device').replace(/[^A-Za-z0-9_-]/g, '-').slice(0, MAX_BEGINNING);
  return `${base}-`;
}

/** The first free number behind the beginning. */
export function suggestId(beginning: string, taken: readonly string[]): string {
  const known = new Set(taken);
  for (let number = 1; ; number++) {
    const id = `${beginning}${number}`;
    if (!known.has(id)) return id;
  }
}

export type IdFault = 'empty' | 'start' | 'characters' | 'long';

/** What is wrong with an id as it is typed; null when nothing is. */
export function idFault(id: string): IdFault | null {
  if (id === '') return 'empty';
  if (/[^A-Za-z0-9_-]/.test(id)) return 'characters';
  if (id.length > 64) return 'long';
  return isDeviceId(id) ? null : 'start';
}

/** Reads `site=north, line=B`; null when it is nothing of the kind. */
export function readTags(text: string): Readonly<Record<string, string>> | null {
  const tags: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const [name, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 1 || value === '' || !isParamName(name) || name === 'time' || !isText(value)) return null;
    tags[name] = value;
  }
  return tags;
}
