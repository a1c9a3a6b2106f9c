import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { run } from './main.js';
import { Screen } from './screen.js';

async function runs(...words: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await run({
    argv: ['node', 'fieldline-bridge', ...words],
    env: {},
    ...{ stdin, stdout, stderr },
    on: () => undefined,
    off: () => undefined,
    exit: () => {
      throw new Error('exit');
    },
  });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

it.each([
  [[], '--port: is missing'],
  [['--prot', 'x'], 'Did you mean --port?'],
  [['--config', 'x.yaml', '--baud', '9600'], '--baud and --config: the file describes everything'],
  [['--config', '/nowhere.yaml'], 'cannot be read'],
  [['monitor'], "required option '--port <value>' not specified"],
  [['monitor', '--port', '/dev/x', '--baud', 'fast'], 'Allowed is a whole number from 50 to 4000000.'],
])('%j is wrong usage: %s', async (words, message) => {
  const { code, err, out } = await runs(...words);
  expect(err).toContain(message);
  expect([code, out]).toEqual([2, '']);
});

it('helps', async () => {
  const { code, out } = await runs('--help');
  expect(code).toBe(0);
  expect(out).toContain('FIELDLINE_BRIDGE_TOKEN');
});

it('draws its status anew below the log, each line cut to the width of the terminal', () => {
  const terminal = Object.assign(new PassThrough(), { columns: 6 });
  const screen = new Screen(terminal);
  screen.show(['board one', 'two']);
  screen.log.write('a line of the log\n');
  screen.end();
  expect(String(terminal.read())).toBe(
    [
      '\r\u001b[J',
      'board\ntwo\n',
      '\r\u001b[2A\u001b[Ja line of the log\nboard\ntwo\n',
      '\r\u001b[2A\u001b[J',
    ].join(''),
  );
});
