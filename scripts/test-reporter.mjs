// A reporter for vitest that keeps what scripts/test.mjs tells at the end. vitest's own JSON report leaves out what
// failed around the tests: hooks of a describe, and errors that nobody caught.
import { writeFileSync } from 'node:fs';

/** As much of an error's text as is kept, characters. */
const KEPT = 2_000;

/**
 * Writes JSON to the file that the environment variable `FIELDLINE_TEST_REPORT` names:
 * `[{ file, passed, skipped, failures: [{ test, error }] }]`. Errors that belong to no file have `file` null.
 */
export default class TestReporter {
  onTestRunEnd(modules, strayErrors) {
    const report = modules.map(fileReport);
    if (strayErrors.length > 0) {
      const failure = { test: 'an error that no test caught', error: textOf(strayErrors) };
      report.push({ file: null, passed: 0, skipped: 0, failures: [failure] });
    }
    writeFileSync(process.env.FIELDLINE_TEST_REPORT, JSON.stringify(report));
  }
}

function fileReport(module) {
  const report = { file: module.relativeModuleId, passed: 0, skipped: 0, failures: [] };
  const fail = (test, errors) => report.failures.push({ test, error: textOf(errors) });
  if (module.errors().length > 0) fail('the file, or a hook of it', module.errors());
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0) fail(`${suite.fullName} > a hook of it`, suite.errors());
  }
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === 'failed') fail(test.fullName, errors);
    else if (state === 'passed') report.passed++;
    else report.skipped++;
  }
  return report;
}

/** What was wrong and where: the message, the first line of the stack that is ours, and the difference. */
function textOf([error] = []) {
  if (error === undefined) return 'no reason was given';
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const place = stack.find((line) => !/node_modules|node:/.test(line));
  const message = `${error.name ?? 'Error'}: ${error.message}`.slice(0, KEPT);
  // The difference without its legend.
  const diff = error.diff?.split('\n').slice(2).join('\n').slice(0, KEPT);
  const parts = [message, place?.trim(), diff].filter((part) => part !== undefined);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character is what begins a colour
  return parts.join('\n').replaceAll(/\u001b\[[\d;]*m/g, '');
}
