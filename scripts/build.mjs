// Builds what is out of date: the TypeScript projects (incrementally), the bundles of the programs, and the page.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { newest } from './newest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a tool of node_modules; ends the process with its exit code when it fails. */
function run(tool, ...args) {
  const { status } = spawnSync(process.execPath, [`${root}node_modules/${tool}`, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** `projects` and those that they need; without any, all of them, the tests too. */
export async function build(...projects) {
  run('typescript/bin/tsc', '-b', ...projects);
  await bundle(...projects);
  const page = `${root}dashboards/live/dist/index.html`;
  const live = `${root}dashboards/live`;
  const sources = Math.max(
    ...[`${live}/src`, `${live}/public`, `${root}protocol/src`].map(newest),
    ...[`${live}/index.html`, `${live}/vite.config.ts`, `${root}package-lock.json`].map(
      (file) => statSync(file).mtimeMs,
    ),
  );
  if (existsSync(page) && statSync(page).mtimeMs >= sources) return;
  run('vite/bin/vite.js', 'build', live, '--logLevel', 'warn');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build(...process.argv.slice(2));
