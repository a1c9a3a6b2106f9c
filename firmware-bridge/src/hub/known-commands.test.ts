import type { Command, CommandAnswer } from '@fieldline/protocol';
import { expect, it, vi } from 'vitest';
import { BoardLog } from './board-log.js';
import { KnownCommands } from './known-commands.js';

const command = (id: string): Command => ({ type: 'command', id, name: 'blink' });

it('a command that is repeated over another connection goes to the board once, and gets the same answer', async () => {
  let answer: (answer: CommandAnswer) => void = () => {};
  let begun: () => void = () => {};
  const execute = vi.fn((_command: Command, accept: () => void) => {
    begun = accept;
    return new Promise<CommandAnswer>((resolve) => {
      answer = resolve;
    });
  });
  const commands = new KnownCommands(execute);
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
  const answers = [commands.run(command('a'), first)];
  answers.push(commands.run({ ...command('a'), again: true }, second));
  begun();
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
  answers.push(commands.run({ ...command('a'), again: true }, third));
  expect(third).toHaveBeenCalledOnce();
  answer({ status: 'ok' });
  expect(await Promise.all(answers)).toEqual(Array(3).fill({ status: 'ok' }));
  expect(execute).toHaveBeenCalledOnce();
});

it('the oldest of more than sixteen is forgotten', () => {
  const execute = vi.fn(async (): Promise<CommandAnswer> => ({ status: 'ok' }));
  const commands = new KnownCommands(execute);
  for (let n = 0; n < 17; n++) void commands.run(command(`c${n}`), () => {});
  void commands.run(command('c1'), () => {});
  expect(execute).toHaveBeenCalledTimes(17);
  void commands.run(command('c0'), () => {});
  expect(execute).toHaveBeenCalledTimes(18);
});

it('a log keeps the newest lines while there is no connection, and bounds how many go in a second', () => {
  let now = 0;
  let isOnline = false;
  const sent: string[] = [];
  const log = new BoardLog(
    (_level, text) => isOnline && sent.push(text) > 0,
    () => now,
  );
  for (let n = 0; n < 150; n++) {
    now += 20;
    log.add('info', `${n}`);
  }
  isOnline = true;
  log.flush();
  expect(sent).toHaveLength(100);
  expect(sent.at(-1)).toBe('149');
  expect(log.dropped).toBe(50);
  for (let n = 0; n < 1_000; n++) log.add('info', 'noise');
  expect(sent.length).toBeLessThanOrEqual(200);
  expect(log.dropped).toBe(50 + 1_000 - (sent.length - 100));
  now += 1_000;
  sent.length = 0;
  for (let n = 0; n < 1_000; n++) log.add('info', 'noise');
  expect(sent).toHaveLength(20);
});
