import { isParamName, type Value } from '@fieldline/protocol/browser';
import { type Field, readField, textOf } from '../command/field.js';
import { freeText, readFree } from '../command/free-value.js';
import { type Row, readRows } from '../command/value-rows.js';
import { type Config, own, type Settings } from './settings.js';

/** What somebody has changed of a configuration, and the version that they read before. */
export interface Draft {
  readonly base: Config;
  /** Texts by key; null leaves the key out. */
  readonly edits: Readonly<Record<string, string | null>>;
  /** Keys that nobody had set before. */
  readonly added: readonly Row[];
}

export const freshDraft = (base: Config): Draft => ({ base, edits: {}, added: [] });

export interface Wanted {
  readonly desired: Readonly<Record<string, Value | null>>;
  /** By key. */
  readonly faults: Readonly<Record<string, string>>;
  /** Of added rows, by their key. */
  readonly rowFaults: ReadonlyMap<number, string>;
  /** Keys whose wish differs from the base. */
  readonly changed: readonly string[];
}

/** The keys of a configuration: the profile's in its order, then what else is desired or reported, by name. */
export function keysOf(fields: readonly Field[], { desired, reported }: Config): string[] {
  const known = fields.map(({ name }) => name);
  const others = [...new Set([...Object.keys(desired), ...Object.keys(reported)])];
  return [...known, ...others.filter((key) => !known.includes(key)).sort()];
}

/** The text of a key as it stands in the editor: the edit, else what is desired; null for one left out. */
export function draftText(draft: Draft, key: string, field: Field | undefined): string | null {
  const edit = draft.edits[key];
  if (edit !== undefined) return edit;
  return savedText(draft.base, key, field);
}

/** The text of a key as it was saved. */
export function savedText({ desired }: Config, key: string, field: Field | undefined): string {
  const value = own(desired, key);
  if (field) return textOf(field, value as Value | null | undefined);
  return value === undefined || value === null ? '' : freeText(value);
}

/** Puts an edit in, or takes it out where it is what was saved. */
export function edited(draft: Draft, key: string, field: Field | undefined, text: string | null): Draft {
  const { [key]: _, ...rest } = draft.edits;
  const isSaved = text !== null && text === savedText(draft.base, key, field);
  return { ...draft, edits: isSaved ? rest : { ...rest, [key]: text } };
}

/** What would be sent. Keys that the profile does not know are kept only where it has none at all. */
export function wantedOf(draft: Draft, fields: readonly Field[], typed: boolean): Wanted {
  const desired: [string, Value | null][] = [];
  const faults: [string, string][] = [];
  for (const key of keysOf(fields, draft.base)) {
    const field = fields.find(({ name }) => name === key);
    const isSet = Object.hasOwn(draft.base.desired, key);
    const edit = draft.edits[key];
    if (edit === undefined) {
      if (isSet && (field || !typed)) desired.push([key, draft.base.desired[key] as Value | null]);
      continue;
    }
    if (edit === null) continue;
    const read = field ? readField(field, edit) : readFree(edit);
    if (read.kind === 'value') desired.push([key, read.value]);
    if (read.kind === 'fault') faults.push([key, read.fault]);
  }
  const rows = readRows(
    draft.added,
    desired.map(([key]) => key),
  );
  desired.push(...Object.entries(rows.values));
  const wanted = Object.fromEntries(desired);
  return {
    desired: wanted,
    faults: Object.fromEntries(faults),
    rowFaults: rows.faults,
    changed: differing(draft.base.desired, wanted),
  };
}

/** Whether there is anything to save, right or wrong. */
export const isTouched = ({ edits, added }: Draft): boolean =>
  Object.keys(edits).length > 0 || added.some(({ name, text }) => name !== '' || text !== '');

/** What somebody else changed since a draft was begun: a key, and what it is now. */
export interface Foreign {
  readonly key: string;
  readonly now: unknown;
  /** The draft changes it too. */
  readonly both: boolean;
}

/** null while the draft's version is the newest. */
export function conflictOf(draft: Draft, current: Config): readonly Foreign[] | null {
  if (current.version <= draft.base.version) return null;
  const mine = new Set([...Object.keys(draft.edits), ...draft.added.map(({ name }) => name)]);
  return differing(draft.base.desired, current.desired).map((key) => ({
    key,
    now: own(current.desired, key),
    both: mine.has(key),
  }));
}

/** The draft on top of what somebody else saved: their values, and the edits on them. */
export function rebased(draft: Draft, current: Config, fields: readonly Field[]): Draft {
  let next: Draft = { base: current, edits: {}, added: [] };
  for (const [key, text] of Object.entries(draft.edits)) {
    next = edited(
      next,
      key,
      fields.find(({ name }) => name === key),
      text,
    );
  }
  for (const row of draft.added) {
    // A key that is new to both is an edit of theirs by now.
    if (isParamName(row.name) && Object.hasOwn(current.desired, row.name)) {
      next = edited(next, row.name, undefined, row.text);
    } else next = { ...next, added: [...next.added, row] };
  }
  return next;
}

function differing(a: Settings, b: Settings): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => JSON.stringify(own(a, key)) !== JSON.stringify(own(b, key)),
  );
}
