import { age } from '../format/age.js';
import { counted, NBSP, num } from '../format/number.js';
import type { Trouble } from '../system/trouble.js';

const SINKS: Readonly<Record<string, string>> = { duckdb: 'DuckDB', influx: 'InfluxDB', mqtt: 'MQTT' };
/** What a sink is called; one that this page does not know is called what the hub calls it. */
export const sinkNames = (name: string): string => SINKS[name] ?? name;

const JOURNAL_TROUBLE: Readonly<Record<string, string>> = {
  journal_full: 'The journal is full. Devices wait; nothing is acked that is not on disk.',
  disk_full: 'The disk is full. Devices wait; nothing is acked that is not on disk.',
  sync_failed: 'The disk did not confirm a write. Devices wait; nothing is acked that is not on disk.',
};
const journalTrouble = (code: string): string =>
  JOURNAL_TROUBLE[code] ??
  'The journal cannot be written. Devices wait; nothing is acked that is not on disk.';
const waits = (lag: number) => counted(lag, 'reading waits', 'readings wait');

/** What is wrong, in a few words. */
function troubleHead(trouble: Trouble): string {
  if (trouble.kind === 'journal') return 'Nothing can be stored.';
  if (trouble.kind === 'filling') return `The journal is ${num(trouble.share * 100, 0)}${NBSP}% full.`;
  const { name, state } = trouble.sink;
  return state === 'holding' ? `${sinkNames(name)} needs somebody to act.` : `${sinkNames(name)} is away.`;
}

/** What it means: what waits, what was lost, what still works. */
function troubleBody(trouble: Trouble, now: number): string {
  if (trouble.kind === 'journal') return journalTrouble(trouble.code);
  if (trouble.kind === 'filling')
    return 'When it is full, devices are asked to wait; nothing is acked falsely.';
  const { lag, oldest, skipped } = trouble.sink;
  const kept =
    oldest === null
      ? 'Nothing waits for it.'
      : `${waits(lag)} in the journal, the oldest for ${age(Math.max(1000, now - oldest))}.`;
  const lost =
    skipped === 0
      ? 'Nothing is lost. Live values go on.'
      : `It will never get ${counted(skipped, 'reading that was', 'readings that were')} skipped. Live values go on.`;
  return `${kept} ${lost}`;
}

/** Words of the page System, and of its strips. */
export const system = {
  title: 'System',
  tabs: { overview: 'Overview', audit: 'Audit', people: 'Users and tokens' },
  loading: 'The hub is asked how it is',
  from: (at: string) => `from ${at}`,
  badge: (trouble: Trouble): string =>
    trouble.kind === 'sink' && trouble.sink.skipped === 0
      ? `${troubleHead(trouble).replace(/\.$/, '')}; nothing is lost, it waits in the journal`
      : troubleHead(trouble).replace(/\.$/, ''),
  stripHead: troubleHead,
  stripBody: troubleBody,
  andMore: (n: number) => `${counted(n, 'more thing is', 'more things are')} told on the page System.`,
  flow: 'The way of the data',
  journal: 'Journal',
  ofCap: (cap: string) => `of ${cap}`,
  allDone: 'every reading has arrived everywhere',
  oldestWaits: (ms: number) => `the oldest that waits: ${age(Math.max(1000, ms))}`,
  behind: (n: string) => `${n} behind`,
  writes: (n: string) => `${n}/s written`,
  states: {
    starting: 'Starting',
    running: 'Running',
    retrying: 'Trying again',
    holding: 'Needs somebody',
    closed: 'Closed',
  },
  advice: {
    starting: 'It has not opened yet.',
    running: 'It runs.',
    retrying: 'It does not take readings at the moment. The hub tries again by itself.',
    holding:
      'It refuses readings for a reason that does not pass by itself. The hub keeps them and asks again now and then.',
    closed: 'It was closed.',
  },
  waiting: 'Behind',
  readings: (n: number) => counted(n, 'reading', 'readings'),
  nothing: 'nothing',
  oldest: 'Oldest unsent',
  written: 'Written since the start',
  skipped: 'Skipped',
  skippedMeans: 'Skipped readings were beyond what the journal keeps for it. They will never arrive there.',
  canWrite: 'Writing',
  cannotWrite: 'Not writing',
  journalTrouble,
  used: 'Used',
  journalMeans: 'What is acked is here first, and stays until the sinks have it.',
  segments: 'Segments',
  damaged: 'Damaged batches at the last start',
} as const;
