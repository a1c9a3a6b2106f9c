#!/usr/bin/env node
// Starts the built command line. CommonJS, because this has to happen before Node uses its thread pool, which the
// loader of ES modules does: queries of the embedded history take up to three threads, and the syncs of the journal,
// which every ack waits for, must never queue behind them.
process.env.UV_THREADPOOL_SIZE ??= '8';

// Under load V8 lets the heap grow to several times what is in use before it collects. This bounds the growth between
// two collections to half of that: some 50 MB less at 100,000 messages a second, for a few more collections.
require('node:v8').setFlagsFromString('--heap-growing-percent=50');

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const program = join(__dirname, '../bundle/cli.js');
if (!existsSync(program)) {
  process.stderr.write('fieldline is not built yet. In the repository, run: npm run build\n');
  process.exit(1);
}
// A reader that has seen enough (`fieldline tail | head`) is no error.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
import(pathToFileURL(program).href)
  .then(({ run }) => run(process))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
