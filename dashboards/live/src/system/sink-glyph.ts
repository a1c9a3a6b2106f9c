import type { SinkState } from '../api/readiness.js';
import type { IconName } from '../shell/icon.js';

const GLYPHS: Readonly<Record<SinkState, IconName>> = {
  starting: 'never',
  running: 'online',
  retrying: 'stale',
  holding: 'failed',
  closed: 'offline',
};

/** The outline that stands for a sink's state. */
export const sinkGlyph = (state: SinkState): IconName => GLYPHS[state];
