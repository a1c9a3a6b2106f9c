import type { Command } from './command.js';
import type { CommandLink } from './link.js';

/**
 * The command as the device gets it (protocol §1.2).
 * @param again it was sent before: the device answers from memory, and never executes
 */
export function commandFrame(
  { id, name, params, createdAt, ttl }: Command,
  nowMs: number,
  again: boolean,
): string {
  // Where the clock was set back, it is not longer than it was.
  const remainingMs = Math.min(Math.max(0, createdAt + ttl - nowMs), ttl);
  const frame = { type: 'command', id, name, params, ttl: remainingMs };
  return JSON.stringify(again ? { ...frame, again } : frame);
}

/**
 * The longest that its frame can be, in bytes: `ttl` only becomes shorter, and `again` may be added.
 * @param link how it is counted; as a text without one
 */
export function longestFrameBytes(command: Command, link: Pick<CommandLink, 'lengthOf'> | null): number {
  const frame = commandFrame(command, command.createdAt, true);
  return link === null ? Buffer.byteLength(frame) : link.lengthOf(frame);
}
