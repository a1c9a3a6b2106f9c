import type { Health, WatchedSink } from './health.js';

/** Shorter than this, a retry is no news: a strip would only push the page down. */
const NOTICED_MS = 5_000;
/** Shares of the journal's cap that are worth a colour. */
const FILLING = 0.8;
const NEARLY_FULL = 0.95;

export type Grade = 'well' | 'warn' | 'alarm';

/** What is wrong with the hub, the worst first. */
export type Trouble =
  | { readonly kind: 'journal'; readonly code: string; readonly grade: 'alarm' }
  | { readonly kind: 'filling'; readonly share: number; readonly grade: 'warn' | 'alarm' }
  | { readonly kind: 'sink'; readonly sink: WatchedSink; readonly grade: 'warn' | 'alarm' };

/** How full the journal is, 0 to 1. */
export function share({ bytes, maxBytes }: Pick<Health['journal'], 'bytes' | 'maxBytes'>): number {
  return maxBytes > 0 ? Math.min(1, bytes / maxBytes) : 0;
}

export function gradeOfShare(part: number): Grade {
  if (part >= NEARLY_FULL) return 'alarm';
  return part >= FILLING ? 'warn' : 'well';
}

export function gradeOfSink({ state }: Pick<WatchedSink, 'state'>): Grade {
  if (state === 'holding') return 'alarm';
  return state === 'retrying' ? 'warn' : 'well';
}

/** Everything that a person should know at `now`, the worst first. */
export function troubles({ journal, sinks }: Health, now: number): readonly Trouble[] {
  const found: Trouble[] = [];
  if (journal.trouble !== null) found.push({ kind: 'journal', code: journal.trouble, grade: 'alarm' });
  const part = share(journal);
  const filling = gradeOfShare(part);
  if (filling !== 'well' && journal.trouble === null) {
    found.push({ kind: 'filling', share: part, grade: filling });
  }
  for (const sink of sinks) {
    const grade = gradeOfSink(sink);
    if (grade !== 'well' && now - sink.since >= NOTICED_MS) found.push({ kind: 'sink', sink, grade });
  }
  return found.sort((a, b) => rank(a) - rank(b));
}

function rank({ kind, grade }: Trouble): number {
  return (grade === 'alarm' ? 0 : 10) + (kind === 'journal' ? 0 : kind === 'sink' ? 1 : 2);
}
