#!/usr/bin/env node
// Starts the built simulator; the build is made by `npm run build`.
import { existsSync } from 'node:fs';

const program = new URL('../bundle/cli.js', import.meta.url);
if (!existsSync(program)) {
  process.stderr.write('fieldline-sim is not built yet. In the repository, run: npm run build\n');
  process.exit(1);
}
const { run } = await import(program.href);
process.exitCode = await run(process);
