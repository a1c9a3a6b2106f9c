// `npm test`: format and lint, types, unit tests, system tests. Goes on after a failure, so that one run shows
// everything, and ends with a line `N passed, N failed` taken from the test runner's own reports.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = `${root}test/.artifacts`;
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const totals = { passed: 0, failed: 0, skipped: 0 };
const broken = [];

function step(title, command, args) {
  console.log(`\n── ${title}`);
  const started = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  if (status !== 0) broken.push(title);
  return status === 0;
}

const node = process.execPath;
const vitest = (project, report) => [
  `${root}node_modules/vitest/vitest.mjs`,
  ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
];

function tests(title, project, command, prefix = []) {
  const report = `${reports}/${title.replaceAll(/\W+/g, '-')}.json`;
  step(title, command, [...prefix, ...vitest(project, report)]);
  if (!existsSync(report)) {
    totals.failed++; // the runner itself did not get to its end
    return;
  }
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  totals.passed += numPassedTests;
  // A file that cannot be loaded has no test that failed, but it is no success either.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  totals.failed += numFailedTests + unloaded.length;
  totals.skipped += numPendingTests;
}

const only = process.argv[2];
step('format and lint', node, [`${root}node_modules/@biomejs/biome/bin/biome`, 'ci', '.']);
const isBuilt = step('types and build', node, [`${root}scripts/build.mjs`]);
if (isBuilt) {
  step('documents', node, [`${root}scripts/write-configuration.mjs`, '--check']);
  if (only !== 'system') tests('unit tests', 'unit', node);
  if (only !== 'unit') tests('system tests', 'system', node);
  // The recommended version, beside the oldest supported one: only where it can be had.
  if (process.env.CI === 'true' && !process.version.startsWith('v24.')) {
    tests('unit tests on Node 24', 'unit', 'npx', ['-y', '-p', 'node@24', 'node']);
  }
}
for (const title of broken) console.log(`FAILED: ${title}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
const summary = `${totals.passed} passed, ${totals.failed} failed${skipped}`;
writeFileSync(`${reports}/summary.txt`, `${summary}\n`);
console.log(summary);
process.exit(broken.length === 0 && totals.failed === 0 && totals.passed > 0 ? 0 : 1);
