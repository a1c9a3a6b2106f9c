import { manage } from '../strings/manage.js';

const words = manage.tagsAsk;

/** Tags as somebody edits them: one a line. */
export function writeTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/** Whether two devices would be tagged alike. */
export function sameTags(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Reads them back; a value may hold further `=`. @throws Error in words, where a line is no tag or a name stands twice */
export function readTags(text: string): Record<string, string> {
  const tags = new Map<string, string>();
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (at < 1 || name === '' || value === '') throw new Error(words.noValue(line));
    if (tags.has(name)) throw new Error(words.twice(name));
    tags.set(name, value);
  }
  return Object.fromEntries(tags);
}
