import { JOB_DEVICE_STATES, type JobDeviceState, type JobView } from '@fieldline/protocol';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { printable, type Terminal } from '../terminal.js';

interface JobFailure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** What is known of devices, and no more. */
const WORDS: Readonly<Partial<Record<JobDeviceState, string>>> = { timed_out: 'outcome unknown' };

/** Whether all devices of a job are done. */
export function isOver({ finishedAt }: JobView): boolean {
  return finishedAt !== null;
}

/** The word for a state of a device. */
export function wordOf(state: JobDeviceState): string {
  return WORDS[state] ?? state;
}

/** How many devices are in which state: `12 succeeded, 1 failed, 37 waiting`. */
export function countsText({ counts }: JobView): string {
  const present = JOB_DEVICE_STATES.filter((state) => counts[state] > 0);
  const ordered = [
    ...present.filter((state) => state !== 'waiting'),
    ...present.filter((state) => state === 'waiting'),
  ];
  return ordered.map((state) => `${counts[state]} ${wordOf(state)}`).join(', ');
}

/** What telemetry says of them: `3 verified, 1 contradicted`; nothing where nothing is expected of it. */
function proofText({ verifications }: JobView): string {
  const { verified, contradicted, unverified, pending } = verifications;
  const parts = [
    [verified, 'verified'],
    [contradicted, 'contradicted'],
    [unverified, 'not shown'],
    [pending, 'pending'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** What devices said, and how many of them telemetry does not bear out. */
export function outcomeText(job: JobView): string {
  const { contradicted } = job.verifications;
  return contradicted === 0 ? countsText(job) : `${countsText(job)}; ${contradicted} contradicted`;
}

/** How many devices have come to an end. */
export function doneOf({ counts, devices }: JobView): number {
  const { waiting, queued, sent, accepted } = counts;
  return devices - waiting - queued - sent - accepted;
}

function devicesText(count: number): string {
  return `${count} ${count === 1 ? 'device' : 'devices'}`;
}

/** How far a job is, on one line. */
export function progressLine(job: JobView): string {
  return `${job.name}: ${doneOf(job)}/${job.devices}  ${countsText(job)}`;
}

/** A job on a few lines. */
export function jobLines(job: JobView, { bold, dim }: Terminal['colors']): string[] {
  const under = isOver(job) || job.state === 'running' ? '' : ', and what was sent is waited for';
  const lines = [
    `${bold(job.name)} to ${devicesText(job.devices)}: ${job.state}${under}`,
    `  ${countsText(job)}`,
  ];
  const proof = proofText(job);
  if (proof !== '') lines.push(`  by telemetry: ${proof}`);
  if (job.reason !== null) lines.push(`  ${printable(job.reason.code)}: ${printable(job.reason.message)}`);
  return [...lines, dim(`  ${job.id}`)];
}

/**
 * Why a job that was waited for is no success; null where every device that was meant says that it did it, and no
 * reading otherwise.
 */
export function failureOf({ state, devices, counts, verifications }: JobView): JobFailure | null {
  const { contradicted } = verifications;
  // A job that was carried through has only left out what it was to leave out.
  const leftOut = state === 'done' ? counts.skipped : 0;
  const missing = devices - leftOut - counts.succeeded;
  if (missing === 0 && contradicted === 0) return null;
  const isUnknown = contradicted === 0 && missing === counts.timed_out;
  return {
    exitCode: isUnknown ? EXIT.unknownOutcome : EXIT.failed,
    message:
      missing > 0
        ? `${missing} of ${devicesText(devices)} did not do it, as far as is known.`
        : `Telemetry of ${contradicted} of ${devicesText(devices)} shows otherwise.`,
  };
}
