import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BOARDS, type SketchInput, sketchOf } from './sketch.js';

const docs = readFileSync(new URL('../../../docs/devices.md', import.meta.url), 'utf8');

/** What docs/devices.md is filled in with. */
const example: SketchInput = {
  hubUrl: 'http://192.168.4.2:8080',
  device: 'greenhouse-1',
  token: 'fld_its-token',
  values: { temperature: 21.5, door: true },
  intervalMs: 10_000,
  mqtt: { host: '192.168.4.2', port: 1883, secure: false, prefix: 'fieldline/v1', embedded: true },
};

it.each(BOARDS)('docs/devices.md shows the sketch as it is made: %s', (board) => {
  expect(docs).toContain(`\n${sketchOf(board, example)}\n\`\`\`\n`);
});
