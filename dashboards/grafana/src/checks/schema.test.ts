import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generate } from '../generate.js';
import { boardsIn, type FoundBoard, oddProfile, repositoryProfiles } from './files.fixture.js';
import { schemaSource } from './schema-source.fixture.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

let directory: string;
let boards: FoundBoard[];

beforeAll(async () => {
  // Within the repository, so that the compiler finds Grafana's types.
  const built = join(ROOT, 'dashboards/grafana/dist');
  await mkdir(built, { recursive: true });
  directory = await mkdtemp(join(built, 'check-'));
  const profiles = new Map([...(await repositoryProfiles()), ['odd', oddProfile()] as const]);
  const silent = boardsIn(generate(profiles, { reportMs: 0 })).filter(({ uid }) => uid === 'fieldline-fleet');
  boards = [...boardsIn(generate(profiles)), ...silent];
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What the compiler says of a source. */
async function compile(source: string): Promise<string> {
  const file = join(directory, 'boards.ts');
  await writeFile(file, source);
  const argv = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    '',
  ];
  return new Promise((resolve) => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFile(
      process.execPath,
      [tsc, '--ignoreConfig', ...argv, file],
      { maxBuffer: 16 << 20 },
      (_, stdout, stderr) => resolve(stdout + stderr),
    );
  });
}

describe("Grafana's own types", () => {
  test('every board and the options of every panel are what Grafana knows', async () => {
    expect(await compile(schemaSource(boards))).toBe('');
  });

  test('what Grafana does not know is refused', async () => {
    const [board] = boards as [FoundBoard];
    const bad = {
      ...board,
      panels: board.panels.map((panel) => ({ ...panel, options: { ...panel.options, wat: 1 } })),
    };
    expect(await compile(schemaSource([bad]))).toContain(`'"wat"' does not exist`);
    expect(await compile(schemaSource([{ ...board, refrsh: '5s' } as FoundBoard]))).toContain(
      `'"refrsh"' does not exist`,
    );
  });
});
