import { createHash } from 'node:crypto';
import type { Command } from '../../commands/command.js';
import { reportLine, text } from './report-line.js';

/** Beyond so many names of commands the tag says `other`: without profiles anybody may invent names. */
const MOST_NAMES = 200;
const OTHER = 'other';

/**
 * `fieldline_command`: one point per command, at the moment when it was asked for. It is written again whenever the
 * command changes, and InfluxDB keeps what was written last.
 */
export class CommandLines {
  readonly #names = new Set<string>();

  line(command: Command): string | undefined {
    const { id, device, state, createdAt, sentAt, finishedAt, error, verification } = command;
    const isAnswered = state === 'succeeded' || state === 'failed' || state === 'rejected';
    return reportLine(
      'fieldline_command',
      { device, name: this.#tag(command.name) },
      {
        id: text(id),
        state: text(state),
        verification: text(verification ?? 'none'),
        code: text(error?.code ?? ''),
        waited: sentAt === null ? null : (sentAt - createdAt) / 1000,
        round_trip:
          isAnswered && sentAt !== null && finishedAt !== null ? (finishedAt - sentAt) / 1000 : null,
      },
      createdAt * 1000 + microsecondOf(id),
    );
  }

  #tag(name: string): string {
    if (this.#names.size < MOST_NAMES) this.#names.add(name);
    return this.#names.has(name) ? name : OTHER;
  }
}

/** Two commands of one millisecond are two points, at the same times whenever they are written. */
export function microsecondOf(id: string): number {
  return createHash('sha1').update(id).digest().readUInt16BE(0) % 1000;
}
