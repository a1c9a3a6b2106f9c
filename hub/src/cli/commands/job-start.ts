import type { JobDevices, JobView } from '@fieldline/protocol';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import type { HubClient } from '../hub-client.js';
import type { Params } from '../params.js';
import type { Terminal } from '../terminal.js';
import { failureOf, isOver, jobLines, progressLine } from './job-words.js';

export interface StartJobOptions {
  readonly device?: readonly string[];
  readonly tag?: Record<string, string>;
  readonly profile?: string;
  readonly rate?: number;
  readonly abortAfter?: number;
  readonly atLeast?: number;
  readonly queue?: true;
  readonly ttl?: number;
  readonly skipUnable?: true;
  readonly wait?: true;
  readonly json?: true;
}

/** How often a job that is waited for is asked how far it is. */
const ASK_EVERY_MS = 500;

/** Starts a job, and follows it to its end where that is wanted. */
export async function startJob(
  { terminal, hub }: Context,
  command: { name: string; params: Params },
  options: StartJobOptions,
): Promise<void> {
  const devices = devicesOf(options);
  const client = await hub();
  const { rate, abortAfter: percent, atLeast: minimum } = options;
  if (percent === undefined && minimum !== undefined) {
    throw new CliError('--at-least belongs to --abort-after.', { exitCode: EXIT.usage });
  }
  const started = await client.startJob({
    devices,
    ...command,
    ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
    ...(options.queue ? { queue: true } : {}),
    ...(rate === undefined ? {} : { perSecond: rate }),
    ...(percent === undefined
      ? {}
      : { abortAfterFailures: { percent, ...(minimum === undefined ? {} : { minimum }) } }),
    ...(options.skipUnable ? { skipUnable: true } : {}),
  });
  const last = options.wait ? await followed(client, terminal, started, options.json === true) : started;
  if (options.json) terminal.print(JSON.stringify(last));
  else for (const line of jobLines(last, terminal.colors)) terminal.print(line);
  if (!options.wait) return;
  const failure = failureOf(last);
  if (failure === null) return;
  throw new CliError(failure.message, {
    exitCode: failure.exitCode,
    hint: `fieldline job show ${last.id}`,
  });
}

/** @throws CliError (usage) unless the devices are either named or described */
function devicesOf({ device, tag, profile }: StartJobOptions): JobDevices {
  if (device !== undefined && tag === undefined && profile === undefined) return device;
  if (device !== undefined || (tag === undefined && profile === undefined)) {
    throw new CliError('Say which devices: --device (repeated), or --tag and --profile.', {
      exitCode: EXIT.usage,
    });
  }
  return { ...(tag === undefined ? {} : { tags: tag }), ...(profile === undefined ? {} : { profile }) };
}

async function followed(
  client: HubClient,
  terminal: Terminal,
  started: JobView,
  quiet: boolean,
): Promise<JobView> {
  let job = started;
  let shown = '';
  while (!isOver(job) || job.verifications.pending > 0) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    job = await client.job(job.id);
    const line = progressLine(job);
    if (!quiet && line !== shown) terminal.progress(line);
    shown = line;
  }
  if (!quiet) terminal.progress(null);
  return job;
}
