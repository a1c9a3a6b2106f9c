import type { JobDeviceView } from '@fieldline/protocol';
import { age } from '../age.js';
import type { Context } from '../context.js';
import { table } from '../table.js';
import { printable } from '../terminal.js';
import { jobLines, outcomeText, wordOf } from './job-words.js';

/** Lists jobs, newest first. */
export async function listJobs({ terminal, hub, now }: Context, options: { json?: true }): Promise<void> {
  const rows: string[][] = [];
  for await (const job of (await hub()).jobs()) {
    if (options.json) terminal.print(JSON.stringify(job));
    else
      rows.push([
        job.id,
        job.name,
        job.state,
        age(job.createdAt, now()),
        printable(job.by),
        outcomeText(job),
      ]);
  }
  if (options.json) return;
  if (rows.length === 0) return terminal.note('There was no job yet. Start one with: fieldline job start');
  const headings = ['JOB ID', 'COMMAND', 'STATE', 'STARTED', 'BY', 'DEVICES'].map((heading) => ({ heading }));
  for (const line of table(headings, rows)) terminal.print(line);
}

/** Shows how far a job is, and what became of those devices that did not do it, or of all. */
export async function showJob(
  { terminal, hub }: Context,
  id: string,
  options: { json?: true; all?: true },
): Promise<void> {
  const client = await hub();
  const job = await client.job(id);
  if (options.json && !options.all) return terminal.print(JSON.stringify(job));
  const rows: string[][] = [];
  for await (const device of client.jobDevices(id)) {
    if (options.json) terminal.print(JSON.stringify(device));
    else if (options.all || isRemarkable(device)) rows.push(rowOf(device));
  }
  if (options.json) return;
  for (const line of jobLines(job, terminal.colors)) terminal.print(line);
  if (rows.length === 0) return;
  const headings = ['DEVICE', 'STATE', 'WHY', 'COMMAND'].map((heading) => ({ heading }));
  for (const line of table(headings, rows)) terminal.print(line);
}

/** Ends a job. */
export async function cancelJob(
  { terminal, hub }: Context,
  id: string,
  options: { json?: true },
): Promise<void> {
  const job = await (await hub()).cancelJob(id);
  if (options.json) return terminal.print(JSON.stringify(job));
  for (const line of jobLines(job, terminal.colors)) terminal.print(line);
}

function isRemarkable({ state, verification }: JobDeviceView): boolean {
  const isFine = ['waiting', 'queued', 'sent', 'accepted', 'succeeded'].includes(state);
  return !isFine || verification === 'contradicted';
}

function rowOf({ device, state, error, command, verification }: JobDeviceView): string[] {
  const proof = verification === null || verification === 'pending' ? '' : `, ${verification}`;
  const why = error === null ? '' : printable(`${error.code}: ${error.message}`);
  return [device, `${wordOf(state)}${proof}`, why, command ?? '-'];
}
