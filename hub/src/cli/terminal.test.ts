import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openTerminal, printable } from './terminal.js';

function streams(tty: boolean) {
  const make = () => Object.assign(new PassThrough(), { isTTY: tty });
  return { stdin: make(), stdout: make(), stderr: make() };
}

test('results and notes go to different streams', () => {
  const { stdin, stdout, stderr } = streams(false);
  const terminal = openTerminal({ stdin, stdout, stderr }, {});
  terminal.print('result');
  terminal.note('note');
  expect(String(stdout.read())).toBe('result\n');
  expect(String(stderr.read())).toBe('note\n');
});

test('colours are for terminals, unless NO_COLOR is set', () => {
  expect(openTerminal(streams(true), {}).colors.isColorSupported).toBe(true);
  expect(openTerminal(streams(true), { NO_COLOR: '1' }).colors.isColorSupported).toBe(false);
  expect(openTerminal(streams(false), {}).colors.isColorSupported).toBe(false);
});

test('a question is answered by a line, and by null where nobody is there', async () => {
  const here = streams(true);
  const answer = openTerminal(here, {}).ask('sure?');
  here.stdin.write('yes\n');
  expect(await answer).toBe('yes');
  expect(await openTerminal(streams(false), {}).ask('sure?')).toBeNull();

  const leaving = streams(true);
  const none = openTerminal(leaving, {}).ask('sure?');
  leaving.stdin.end();
  expect(await none).toBeNull();
});

test('control characters of a device are made visible', () => {
  expect(printable('21.5 °C')).toBe('21.5 °C');
  expect(printable('a\u001b[2Jb\r\n\u009b\u202e')).toBe('a\\u001b[2Jb\\u000d\\u000a\\u009b\\u202e');
});
