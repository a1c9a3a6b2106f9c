import { InvalidArgumentError } from 'commander';

/** Collects repeated `--tag key=value` options of a command line into one object. */
export function collectTag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A tag is key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
