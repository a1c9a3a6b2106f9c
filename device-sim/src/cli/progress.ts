import type { Writable } from 'node:stream';
import type { Fleet } from '../fleet.js';
import { progressLine } from './report.js';

const EVERY_MS = 1_000;
/** Back to the first column, and clear to the end of the line (ECMA-48 EL). */
const REWRITE = '\r\u001b[K';

/** How progress is told: a line that is rewritten, one JSON object a line, or not at all. */
export type ProgressStyle = 'line' | 'json' | 'none';

/** Tells once a second how the fleet does. Returns the way to stop, which leaves a clean line. */
export function showProgress(fleet: Fleet, style: ProgressStyle, stream: Writable): () => void {
  if (style === 'none') return () => undefined;
  let before = { sent: 0, elapsedMs: 0 };
  const timer = setInterval(() => {
    const now = fleet.summary();
    stream.write(style === 'json' ? `${JSON.stringify(now)}\n` : REWRITE + progressLine(now, before));
    before = now;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    if (style === 'line') stream.write(REWRITE);
  };
}
