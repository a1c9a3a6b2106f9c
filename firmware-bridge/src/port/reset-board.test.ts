import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resetBoard } from './reset-board.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function portThat(answers: Error | null) {
  const lines: string[] = [];
  return {
    lines,
    isOpen: true,
    set({ dtr, rts }: { dtr: boolean; rts: boolean }, done: (error: Error | null) => void) {
      lines.push(`dtr ${Number(dtr)} rts ${Number(rts)}`);
      done(answers);
    },
  };
}

it('drops DTR, and ends with both lines on, one step after the other', () => {
  const port = portThat(null);
  resetBoard(port);
  expect(port.lines).toEqual(['dtr 0 rts 1']);
  vi.advanceTimersByTime(100);
  expect(port.lines).toEqual(['dtr 0 rts 1', 'dtr 1 rts 1']);
});

it('leaves a port alone that has no such lines, or was closed meanwhile', () => {
  const pty = portThat(new Error('ENOTTY'));
  const closed = portThat(null);
  resetBoard(pty);
  resetBoard(closed);
  closed.isOpen = false;
  vi.advanceTimersByTime(1_000);
  expect([pty.lines, closed.lines]).toEqual([['dtr 0 rts 1'], ['dtr 0 rts 1']]);
});
