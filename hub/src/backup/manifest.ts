import { readFileSync } from 'node:fs';
import { JOURNAL_FORMAT } from '@fieldline/journal';
import { Type } from 'typebox';
import Value from 'typebox/value';

import { FieldlineError } from '../errors.js';
import { HISTORY_LAYOUT } from '../sinks/duckdb/tables.js';
import { STATE_VERSION } from '../state/migrations.js';

/** The layout of the archive; raised when an older hub could not read it any more. */
export const BACKUP_FORMAT = 1;

/** The last file of every archive: an archive without it is not whole. */
export const MANIFEST = 'manifest.json';

const Count = Type.Integer({ minimum: 0 });

/** What an archive holds, and what is needed to read it. */
export const Manifest = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  /** Version of the hub that made it. */
  hub: Type.String(),
  /** When, ISO 8601 in UTC. */
  at: Type.String(),
  /** Versions of the formats of the three stores. */
  formats: Type.Object({ state: Count, journal: Count, history: Count }),
  /** Where the history is: in the archive, or in an InfluxDB that has a backup of its own. */
  history: Type.Union([Type.Literal('duckdb'), Type.Literal('influx')]),
  /** Offset of the newest reading in the journal; null where nobody was there to ask. */
  journalHead: Type.Union([Count, Type.Null()]),
  files: Type.Array(
    Type.Object({
      name: Type.String(),
      sizeBytes: Count,
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});
export type Manifest = Type.Static<typeof Manifest>;

/** What a hub that runs has: it brings its stores to these formats when it opens them. */
export const FORMATS: Manifest['formats'] = {
  state: STATE_VERSION,
  journal: JOURNAL_FORMAT,
  history: HISTORY_LAYOUT,
};

/**
 * Reads the manifest of an unpacked archive.
 * @throws FieldlineError `backup_damaged`, `backup_newer`
 */
export function readManifest(path: string): Manifest {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw damaged('its manifest cannot be read', cause);
  }
  const format = typeof manifest === 'object' && manifest !== null && 'format' in manifest && manifest.format;
  if (typeof format === 'number' && format > BACKUP_FORMAT) throw newer('archive', format, BACKUP_FORMAT);
  if (!Value.Check(Manifest, manifest)) throw damaged('its manifest is not one of Fieldline');
  for (const store of ['state', 'journal', 'history'] as const) {
    if (manifest.formats[store] > FORMATS[store]) throw newer(store, manifest.formats[store], FORMATS[store]);
  }
  return manifest;
}

/** The archive is not what was written. */
export function damaged(finding: string, cause?: unknown): FieldlineError {
  return new FieldlineError('backup_damaged', `The backup is damaged: ${finding}. Take another one.`, {
    cause,
  });
}

function newer(what: string, found: number, known: number): FieldlineError {
  const message =
    `The backup was made by a newer hub: its ${what} has format ${found}, and this hub reads up to ${known}. ` +
    'Restore it with that version, or a newer one.';
  return new FieldlineError('backup_newer', message);
}
