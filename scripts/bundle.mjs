// Bundles the programs that people start: a few files instead of some 1,900 modules make a start three times cheaper.
// What the bundle holds is for running; the types, and what other packages import, are in `dist`.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { newest } from './newest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The entries of each program, by the name of the file that is made in its directory `bundle`. */
const PROGRAMS = {
  hub: {
    cli: 'src/cli/main.ts',
    main: 'src/main.ts',
    healthy: 'src/healthy.ts',
    // Threads of their own: they are started by their file's name.
    worker: 'src/sinks/duckdb/worker.ts',
    packer: 'src/backup/packer.ts',
  },
  'firmware-bridge': { cli: 'src/cli/main.ts' },
  'device-sim': { cli: 'src/cli/main.ts' },
};

/** Whose sources are in the bundles. */
const SOURCES = ['protocol', 'journal', 'hub', 'firmware-bridge', 'device-sim', 'dashboards/grafana'];

/** What stays where npm has put it. */
export const EXTERNAL = [
  // They look for machine code beside their own files.
  ...[/^libsql$/, /^@duckdb\/node-bindings/, /^@serialport\/bindings-cpp$/],
  // It finds zlib by an `eval` that knows `require`.
  'hdr-histogram-js',
  // Optional parts of `ws`: nobody installs them here.
  ...['bufferutil', 'utf-8-validate'],
];

async function bundleProgram(name, entries) {
  const directory = `${root}${name}/bundle`;
  const fresh = `${directory}.${process.pid}`;
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(entries).map(([entry, file]) => [entry, `${root}${name}/${file}`]),
    ),
    platform: 'node',
    resolve: { conditionNames: ['fieldline-source', 'node'] },
    external: EXTERNAL,
    logLevel: 'warn',
  });
  await bundle.write({
    dir: fresh,
    format: 'esm',
    // Without hashes, so that a program that runs while its unchanged sources are bundled again finds what it loads later.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
  });
  await bundle.close();
  // Whole or not at all: what a killed build has left is not taken for the bundle.
  while (existsSync(fresh)) {
    rmSync(directory, { recursive: true, force: true });
    try {
      renameSync(fresh, directory);
    } catch (error) {
      // Another build was between the two.
      if (error.code !== 'ENOTEMPTY') throw error;
    }
  }
}

/** Bundles the programs whose sources, or libraries, are newer than their bundles. */
export async function bundle(...names) {
  const sources = SOURCES.map((workspace) => newest(`${root}${workspace}/src`));
  const newestSource = Math.max(
    ...sources,
    statSync(`${root}package-lock.json`).mtimeMs,
    statSync(fileURLToPath(import.meta.url)).mtimeMs,
  );
  for (const [name, entries] of Object.entries(PROGRAMS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const made = `${root}${name}/bundle/cli.js`;
    if (existsSync(made) && statSync(made).mtimeMs >= newestSource) continue;
    await bundleProgram(name, entries);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(...process.argv.slice(2));
