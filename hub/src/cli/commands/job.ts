import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { ttlMs } from '../duration.js';
import { type Params, paramsArgument } from '../params.js';
import { collectTag } from '../tags.js';
import { wholeNumber } from '../whole-number.js';
import { cancelJob, listJobs, showJob } from './job-show.js';
import { type StartJobOptions, startJob } from './job-start.js';

/** `fieldline job start|list|show|cancel`: one command to many devices. */
export function jobCommand(context: Context): Command {
  const job = new Command('job').description('give many devices a command, and see how far it is');

  job
    .command('start')
    .description('give every one of some devices a command')
    .argument('<name>', 'what to do: relay.set')
    .addArgument(paramsArgument())
    .option('-d, --device <id>', 'a device; may be repeated', collectDevice)
    .option('-T, --tag <key=value>', 'all devices with this tag; may be repeated', collectTag)
    .option('-p, --profile <name>', 'all devices of this profile')
    .option('-r, --rate <count>', 'devices a second (10)', rate)
    .option('-a, --abort-after <percent>', 'give up when so many % have failed: 10, 10%', percent)
    .option('--at-least <count>', 'but not before so many are done (5)', wholeNumber)
    .option('-q, --queue', 'keep it for devices that are offline')
    .option('-t, --ttl <duration>', 'for how long each may wait to be sent: 30s, 1h; at most 7d', ttlMs)
    .option('--skip-unable', 'leave out devices that cannot take it')
    .option('-w, --wait', 'show how far it is until the end, and tell it by the exit code')
    .option('--json', 'print JSON')
    .action((name: string, params: Params, options: StartJobOptions) =>
      startJob(context, { name, params }, options),
    );

  job
    .command('list')
    .description('list jobs, newest first')
    .option('--json', 'print one JSON object a line')
    .action((options: { json?: true }) => listJobs(context, options));

  job
    .command('show <id>')
    .description('show how far a job is, and the devices that did not do it')
    .option('-a, --all', 'show all its devices')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true; all?: true }) => showJob(context, id, options));

  job
    .command('cancel <id>')
    .description('end a job: what was not sent is taken back, no more is sent')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) => cancelJob(context, id, options));

  return job;
}

function collectDevice(id: string, before: readonly string[] = []): string[] {
  return [...before, id];
}

function rate(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0)
    throw new InvalidArgumentError('A rate is a number above 0.');
  return value;
}

function percent(text: string): number {
  const [, digits] = /^(\d{1,3})%?$/.exec(text) ?? [];
  const value = Number(digits);
  if (!(value >= 1 && value <= 100)) throw new InvalidArgumentError('Percent are 1 to 100.');
  return value;
}
