#!/usr/bin/env node
// Starts the built command line.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const program = join(__dirname, '../bundle/cli.js');
if (!existsSync(program)) {
  process.stderr.write('fieldline-bridge is not built yet. In the repository, run: npm run build\n');
  process.exit(1);
}
import(pathToFileURL(program).href)
  .then(({ run }) => run(process))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
