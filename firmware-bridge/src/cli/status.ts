import type { BridgePort } from '../bridge.js';
import { hubWord } from '../hub/hub-word.js';

const figures = new Intl.NumberFormat('en');

/** How each board does, a line for each. `before` holds what was counted a moment ago, and is brought up to date. */
export function statusLines(
  ports: readonly BridgePort[],
  before: Map<string, number>,
  elapsedMs: number,
): string[] {
  const width = Math.max(...ports.map(({ name }) => name.length));
  return ports.map((port) => {
    const { board, queue, hub } = port;
    const rate = ((board.readings - (before.get(port.name) ?? board.readings)) * 1_000) / elapsedMs;
    before.set(port.name, board.readings);
    const dropped = Object.values(board.dropped).reduce((sum, times) => sum + times, 0);
    const parts = [
      port.name.padEnd(width),
      port.path ?? 'no port',
      `hub ${port.device === null ? 'not registered yet' : hubWord(hub)}`,
      `${figures.format(board.readings)} ${board.readings === 1 ? 'message' : 'messages'}`,
      `${rate.toFixed(1)}/s`,
      `${figures.format(queue.messages)} wait`,
    ];
    if (dropped > 0) parts.push(`${figures.format(dropped)} dropped`);
    if (board.refused > 0) parts.push(`${figures.format(board.refused)} refused`);
    if (queue.dropped > 0) parts.push(`${figures.format(queue.dropped)} given up`);
    if (queue.trouble !== null) parts.push(queue.trouble);
    return parts.join('  ');
  });
}
