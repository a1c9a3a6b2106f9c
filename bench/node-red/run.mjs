#!/usr/bin/env node
// The same load for Node-RED, beside the hub: node bench/node-red/run.mjs [--quick]
import { build } from '../../scripts/build.mjs';

await build();
const { main } = await import('../dist/main.js');
const { nodeRed } = await import('../dist/node-red/figure.js');
process.exitCode = await main(process.argv.slice(2), [nodeRed]);
