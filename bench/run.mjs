#!/usr/bin/env node
// Builds what is measured, and runs the benchmarks: npm run bench -- --help
import { build } from '../scripts/build.mjs';

await build();
const { main } = await import('./dist/main.js');
process.exitCode = await main(process.argv.slice(2));
