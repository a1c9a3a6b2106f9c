import { age } from '../format/age.js';
import { counted, NBSP, num } from '../format/number.js';
import { size } from '../format/size.js';
import type { Trouble } from '../system/trouble.js';

const SINKS: Readonly<Record<string, string>> = { duckdb: 'DuckDB', influx: 'InfluxDB', mqtt: 'MQTT' };
/** What a sink is called; one that this page does not know is called what the hub calls it. */
export const sinkNames = (name: string): string => SINKS[name] ?? name;

const SOURCES: Readonly<Record<string, string>> = { ws: 'WebSocket', mqtt: 'MQTT', http: 'HTTP' };

const REASONS: Readonly<Record<string, string>> = {
  malformed: 'not readable',
  type_conflict: 'another type than before',
  out_of_range: 'outside the profile’s range',
  bad_value: 'not a value',
  bad_metric_name: 'not a metric’s name',
  unknown_metric: 'not in the profile',
  too_many_metrics: 'too many metrics',
  bad_time: 'not a time',
  too_large: 'too many rows',
};

/** Less is no growth: what a collector of garbage leaves lying for a while. */
const FLAT_BYTES = 8_000_000;

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
  tabs: {
    overview: 'Overview',
    audit: 'Audit',
    people: 'Users and tokens',
    'log-ins': 'Log-ins',
    profiles: 'Profiles',
  },
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
  sources: (name: string): string => SOURCES[name] ?? name,
  sinceStart: (n: string) => `${n} since the start`,
  checked: 'Checked',
  unknown: '–',
  readingsPerSecond: 'readings/s',
  rejectedRate: (n: string) => `${n}/s rejected, kept aside`,
  duplicateRate: (n: string) => `${n}/s seen before, kept once`,
  toDisk: 'to disk',
  p99: (ms: string) => `99 of 100 within ${ms}`,
  noSync: 'nothing had to be written',
  viewers: 'Viewers',
  open: (n: string) => `${n} open`,
  viewersSay: 'live, beside the journal',
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
  used: 'Journal',
  journalMeans: 'What is acked is here first, and stays until the sinks have it.',
  andDisk: 'and the disk it is on',
  disk: 'Disk',
  freeOf: (all: string) => `free of ${all}`,
  history: 'History on this disk',
  segments: 'Segments',
  damaged: 'Damaged batches at the last start',
  trends: {
    messages: 'Messages a second',
    sync: 'Time to disk',
    syncSays: 'an ack is never before it',
    lag: 'Behind, by sink',
    median: 'median',
    p99: '99 %',
    none: 'nothing was written',
    label: (title: string, now: readonly string[]) => `${title}, last 15 minutes; now ${now.join(', ')}`,
  },
  rejects: {
    title: 'Rejected',
    says: 'values since the start, by reason',
    none: 'Nothing was refused since the start.',
    where: 'Each is kept with its reason in the quarantine of its device.',
    reason: (code: string): string => REASONS[code] ?? code,
  },
  process: {
    title: 'Process',
    up: (version: string, time: string) => `fieldline ${version}, up ${time}`,
    memory: 'Memory',
    growth: (bytes: number, time: string) =>
      bytes < FLAT_BYTES ? `no growth in ${time}` : `+${size(bytes)} in ${time}`,
    busy: 'Busy',
    soon: 'known in a few seconds',
    devices: 'Devices',
    standing: (online: number, asleep: number, offline: number) =>
      [`${num(online, 0)} online`, asleep > 0 ? `${num(asleep, 0)} asleep` : '', `${num(offline, 0)} offline`]
        .filter(Boolean)
        .join(', '),
    viewers: 'Viewers',
    dropped: 'Dropped, best effort',
    skipped: 'Skipped for slow viewers',
    gaps: 'Messages missing',
    clocks: 'Times repaired',
  },
} as const;
