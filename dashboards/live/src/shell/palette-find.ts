import fuzzysort from 'fuzzysort';
import type { IconName } from './icon.js';

export type Group = 'go' | 'devices' | 'device' | 'page';
const GROUPS: readonly Group[] = ['go', 'devices', 'device', 'page'];

/** Something that the palette can find. */
export interface Entry {
  readonly group: Group;
  readonly name: string;
  /** A second name, beside the first: a device's id. */
  readonly sub?: string;
  /** What else it is found by: tags, a profile. */
  readonly more?: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

/** How many of a group are shown: more of them are found by typing more. */
const MOST: Readonly<Record<Group, number>> = { go: 8, devices: 8, device: 12, page: 12 };
/** Before anything is typed the devices are only an example. */
const MOST_UNASKED = 4;
/** Below this a match is a scatter of letters, which nobody meant. */
const LEAST_SCORE = 0.25;

/** What fits the question, the best first in each group; groups that hold the best match come first. */
export function findEntries(entries: readonly Entry[], asked: string): Entry[] {
  const q = asked.trim();
  if (q === '')
    return grouped(entries, GROUPS, (group) => (group === 'devices' ? MOST_UNASKED : MOST[group]));
  const found = fuzzysort.go(q, entries, {
    keys: [(entry) => entry.name, (entry) => entry.sub ?? '', (entry) => entry.more ?? ''],
    threshold: LEAST_SCORE,
    limit: 200,
  });
  const best = found.map(({ obj }) => obj);
  const order = [...new Set(best.map(({ group }) => group))];
  return grouped(best, order, (group) => MOST[group]);
}

function grouped(
  entries: readonly Entry[],
  order: readonly Group[],
  most: (group: Group) => number,
): Entry[] {
  return order.flatMap((group) => entries.filter((entry) => entry.group === group).slice(0, most(group)));
}
