import { InvalidArgumentError } from 'commander';

/** Reads a count on a command line: a whole number from 1 to 999,999. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A whole number is expected.');
  return Number(text);
}
