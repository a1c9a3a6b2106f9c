// `npm test`: format and lint, types, unit tests, system tests. Goes on after a failure, so that one run shows
// everything. Ends with the names of the tests that failed, so that a log that was cut still has them, and a line
// `N passed, N failed`; both are taken from the test runner's own reports.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { verdict } from './test-verdict.mjs';

/** When more files of system tests than this fail, that is no accident: they are not tried again. */
const MOST_SECOND_TRIES = 3;

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = `${root}test/.artifacts`;
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const totals = { passed: 0, failed: 0, skipped: 0 };
const broken = new Set();
/** What is told at the end, as `verdict` takes it. */
const findings = [];

function run(title, command, args, env = process.env) {
  console.log(`\n── ${title}`);
  const started = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  return status === 0;
}

function step(title, command, args) {
  const isOk = run(title, command, args);
  if (!isOk) broken.add(title);
  return isOk;
}

const node = process.execPath;

/** Runs tests and answers what `test-reporter.mjs` says of each file: a failure at least, unless all went well. */
function vitest(title, project, { command = [node], files = [] } = {}) {
  const path = `${reports}/${title.replaceAll(/\W+/g, '-')}.json`;
  const [program, ...prefix] = command;
  const args = [
    ...[...prefix, `${root}node_modules/vitest/vitest.mjs`, 'run', '--project', project],
    ...['--reporter=default', `--reporter=${root}scripts/test-reporter.mjs`, ...files],
  ];
  const isOk = run(title, program, args, { ...process.env, FIELDLINE_TEST_REPORT: path });
  const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  if (isOk === report.every(hasPassed) && report.length > 0) return report;
  const failure = {
    test: 'the test runner',
    error: 'it failed without a reason in its report: see its output',
  };
  return [...report, { file: null, passed: 0, skipped: 0, failures: [failure] }];
}

function hasPassed({ failures }) {
  return failures.length === 0;
}

function count(title, report) {
  for (const { file, passed, skipped, failures } of report) {
    totals.passed += passed;
    totals.skipped += skipped;
    totals.failed += failures.length;
    for (const failure of failures) {
      broken.add(title);
      findings.push({ word: 'FAILED', step: title, file, ...failure });
    }
  }
}

/**
 * System tests lean on a whole machine. Under `CI=true` files that failed are run once more, whole, because the tests of a
 * file share a hub. What passes only then counts as passed, and is named at the end: it is a fault to be found.
 */
function systemTests() {
  const title = 'system tests';
  const first = vitest(title, 'system');
  const failed = first.filter((file) => !hasPassed(file));
  const isAccident =
    failed.length > 0 && failed.length <= MOST_SECOND_TRIES && failed.every(({ file }) => file !== null);
  if (process.env.CI !== 'true' || !isAccident) return count(title, first);
  const second = vitest(`${title}, second try`, 'system', { files: failed.map(({ file }) => file) });
  count(title, [...first.filter(hasPassed), ...second]);
  for (const { file, failures } of failed) {
    const hasPassedNow = second.some((again) => again.file === file && hasPassed(again));
    const word = hasPassedNow ? 'FLAKY, passed on the second try only' : 'FAILED at first';
    findings.push(...failures.map((failure) => ({ word, step: title, file, ...failure })));
  }
}

const only = process.argv[2];
step('format and lint', node, [`${root}node_modules/@biomejs/biome/bin/biome`, 'ci', '.']);
const isBuilt = step('types and build', node, [`${root}scripts/build.mjs`]);
if (isBuilt) {
  step('documents', node, [`${root}scripts/write-configuration.mjs`, '--check']);
  step('first view', node, [`${root}scripts/first-view-size.mjs`]);
  if (only !== 'system') count('unit tests', vitest('unit tests', 'unit'));
  // The recommended version, beside the oldest supported one: only where it can be had.
  if (process.env.CI === 'true' && !process.version.startsWith('v24.')) {
    const command = ['npx', '-y', '-p', 'node@24', 'node'];
    count('unit tests on Node 24', vitest('unit tests on Node 24', 'unit', { command }));
  }
  // Last, since what they print is what one most often wants to read.
  if (only !== 'unit') systemTests();
}
for (const title of broken) {
  if (!findings.some(({ step }) => step === title)) console.log(`FAILED: ${title}`);
}
for (const line of verdict(findings)) console.log(line);
if (totals.skipped > 0) console.log(`NOT RUN: ${totals.skipped} tests; what they need is missing here`);
const summary = `${totals.passed} passed, ${totals.failed} failed`;
writeFileSync(`${reports}/summary.txt`, `${summary}\n`);
console.log(summary);
process.exit(broken.size === 0 && totals.failed === 0 && totals.passed > 0 ? 0 : 1);
