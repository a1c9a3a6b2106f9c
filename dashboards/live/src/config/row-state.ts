import type { IconName } from '../shell/icon.js';
import { config as words } from '../strings/config.js';
import type { Config } from './settings.js';

/** How one setting stands: the words, the shape and the colour. */
export interface RowState {
  readonly word: string;
  readonly glyph: IconName;
  readonly look: '' | 'is-pending' | 'is-failed' | 'is-unknown' | 'is-contradicted';
}

interface RowFacts {
  readonly config: Config;
  readonly key: string;
  readonly isEdited: boolean;
  /** Its profile, where it has one, names the key. */
  readonly isKnown: boolean;
  readonly online: boolean;
}

const row = (word: string, glyph: IconName, look: RowState['look'] = ''): RowState => ({ word, glyph, look });

/** What is known of a setting: the wish is one thing, what the device reports another. */
export function rowStateOf({ config, key, isEdited, isKnown, online }: RowFacts): RowState {
  const { desired, reported, state } = config;
  const isSet = Object.hasOwn(desired, key) && desired[key] !== null;
  const isReported = Object.hasOwn(reported, key);
  if (isEdited) return row(words.row.edited, 'next', 'is-pending');
  if (!isKnown) return row(words.row.unknownKey, 'info');
  if (!isSet) return isReported ? row(words.row.own, 'info') : row(words.row.unset, 'next');
  const isSame = isReported && JSON.stringify(reported[key]) === JSON.stringify(desired[key]);
  if (isSame) return row(words.row.same, 'check');
  if (state === 'pending')
    return online ? row(words.row.pending, 'busy', 'is-pending') : row(words.row.waiting, 'clock');
  if (state === 'rejected') return row(words.row.rejected, 'failed', 'is-failed');
  if (!isReported) return row(words.row.silent, 'unknown', 'is-unknown');
  return row(words.row.differs, 'contradicted', 'is-contradicted');
}
