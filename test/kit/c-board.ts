import { spawnSync } from 'node:child_process';
import { readFrame } from '../../firmware-bridge/src/cobs/frame.js';
import type { Line } from '../../firmware-bridge/src/lines/line.js';
import { type LineFault, LineReader } from '../../firmware-bridge/src/lines/line-reader.js';

/** How the program `echo` of the C library speaks: lines, lines with checks, or frames. */
export type Speech = 'lines' | 'checks' | 'cobs';

/** A message of CBOR. */
export type Message = Readonly<Record<string, unknown>>;

/** Lets the C library hear all of this, and answers what it wrote. Its program is `echo`, with sanitizers. */
function hear(echo: string, speech: Speech, input: readonly Uint8Array[], stepMs: number): Buffer {
  const { stdout, stderr, status } = spawnSync(echo, [speech, String(stepMs)], {
    input: Buffer.concat(input),
    maxBuffer: 256 * 1024 * 1024,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`echo ended with ${status}:\n${stderr}`);
  return stdout;
}

/** What the library says to these lines, as the bridge reads it; without the hello at its start. */
export function linesFrom(
  echo: string,
  speech: 'lines' | 'checks',
  input: readonly Uint8Array[],
): (Line | LineFault)[] {
  const reader = new LineReader();
  const lines: (Line | LineFault)[] = [];
  for (const text of hear(echo, speech, input, 0).toString('latin1').split('\n')) {
    const line = reader.read(Buffer.from(text, 'latin1'));
    if (line !== undefined) lines.push(line);
  }
  return lines.slice(1);
}

/** What it says to these frames. @param stepMs how much time passes with each */
export function messagesFrom(echo: string, input: readonly Uint8Array[], stepMs = 0): Message[] {
  const messages: Message[] = [];
  const output = hear(echo, 'cobs', input, stepMs);
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at);
    if (end === -1) throw new Error('the last frame has no end');
    const frame = readFrame(output.subarray(at, end));
    if (frame !== undefined && !('message' in frame)) throw new Error(`a frame is ${frame.reason}`);
    if (frame !== undefined) messages.push(frame.message);
    at = end + 1;
  }
  return messages.slice(1);
}
