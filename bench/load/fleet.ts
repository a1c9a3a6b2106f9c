import { percentile } from '../percentile.js';
import { FleetDevice } from './fleet-device.js';
import type { FleetJob, FleetReport } from './fleet-job.js';
import { answerJobs } from './job-process.js';

/** The process of a fleet: all of its devices connect in the same moment. */

let fleet: FleetDevice[] = [];
let entered: number[] = [];
let startedMs = 0;
let failed = 0;
let refused: Record<string, number> = {};
let onWelcome: () => void = () => undefined;

const events = {
  onWelcome: () => onWelcome(),
  onFailed: () => {
    failed += 1;
  },
  onRefused: (status: number) => {
    refused[status] = (refused[status] ?? 0) + 1;
  },
};

answerJobs(perform);

async function perform(job: FleetJob): Promise<FleetReport> {
  if ('devices' in job) fleet = job.devices.map((one) => new FleetDevice('127.0.0.1', one, events));
  if (job.do === 'cut') for (const device of fleet) device.cut();
  else await all(job);
  return {
    in: entered.length,
    refused,
    failed,
    lastMs: entered.at(-1) ?? 0,
    p50Ms: entered.length === 0 ? 0 : percentile(entered, 0.5),
  };
}

/** Connects everybody, at once or a few at a time, and resolves when all were welcomed or the time is over. */
async function all({ port, atOnce, withinMs }: Exclude<FleetJob, { do: 'cut' }>): Promise<void> {
  entered = [];
  failed = 0;
  refused = {};
  startedMs = performance.now();
  const queue = fleet.values();
  const next = () => {
    const device = queue.next();
    if (!device.done) device.value.connect(port);
  };
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, withinMs);
    onWelcome = () => {
      entered.push(performance.now() - startedMs);
      if (entered.length < fleet.length) return next();
      clearTimeout(late);
      resolve();
    };
    for (let at = 0; at < Math.min(atOnce, fleet.length); at += 1) next();
  });
}
