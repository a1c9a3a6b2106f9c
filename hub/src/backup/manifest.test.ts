import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BACKUP_FORMAT, FORMATS, type Manifest, readManifest } from './manifest.js';

const manifest: Manifest = {
  ...{ format: BACKUP_FORMAT, hub: '0.1.0', at: '2026-01-01T00:00:00.000Z', formats: FORMATS },
  ...{ history: 'duckdb', journalHead: 7, files: [] },
};

function read(content: unknown): Manifest {
  const directory = mkdtempSync(join(tmpdir(), 'fieldline-manifest-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'manifest.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readManifest(path);
}

test('a manifest of today and one of older stores are read', () => {
  expect(read(manifest)).toEqual(manifest);
  const older = { ...manifest, formats: { ...FORMATS, state: 1 } };
  expect(read(older)).toEqual(older);
});

test.each([
  ['the archive', { format: BACKUP_FORMAT + 1, anything: 'else' }],
  ['the state', { ...manifest, formats: { ...FORMATS, state: FORMATS.state + 1 } }],
  ['the journal', { ...manifest, formats: { ...FORMATS, journal: FORMATS.journal + 1 } }],
  ['the history', { ...manifest, formats: { ...FORMATS, history: FORMATS.history + 1 } }],
])('a newer format of %s is refused with what to do', (_what, content) => {
  expect(() => read(content)).toThrow(/made by a newer hub.*Restore it with that version/s);
});

test.each([['no JSON'], ['{}'], ['[]'], ['null'], [JSON.stringify({ ...manifest, files: [{ name: 'x' }] })]])(
  '%s is damage',
  (content) => {
    expect(() => read(content)).toThrow('The backup is damaged');
  },
);
