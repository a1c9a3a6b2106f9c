import { JOB_DEVICE_STATES, type JobDeviceState, type JobView } from '@fieldline/protocol';
import { printable, type Terminal } from '../terminal.js';

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

/** How many devices have come to an end. */
export function doneOf({ counts, devices }: JobView): number {
  const { waiting, queued, sent, accepted } = counts;
  return devices - waiting - queued - sent - accepted;
}

/** How far a job is, on one line. */
export function progressLine(job: JobView): string {
  return `${job.name}: ${doneOf(job)}/${job.devices}  ${countsText(job)}`;
}

/** A job on a few lines. */
export function jobLines(job: JobView, { bold, dim }: Terminal['colors']): string[] {
  const under = isOver(job) || job.state === 'running' ? '' : ', and what was sent is waited for';
  const lines = [`${bold(job.name)} to ${job.devices} devices: ${job.state}${under}`, `  ${countsText(job)}`];
  if (job.reason !== null) lines.push(`  ${printable(job.reason.code)}: ${printable(job.reason.message)}`);
  return [...lines, dim(`  ${job.id}`)];
}
