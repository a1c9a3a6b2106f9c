#!/usr/bin/env node
// The same load for Node-RED, beside the hub: node bench/node-red/run.mjs [--quick]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const build = spawnSync(process.execPath, [compiler, '-b', 'bench'], { cwd: repository, stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);
const { main } = await import('../dist/main.js');
const { nodeRed } = await import('../dist/node-red/figure.js');
process.exitCode = await main(process.argv.slice(2), [nodeRed]);
