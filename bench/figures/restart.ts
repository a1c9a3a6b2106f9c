import { join } from 'node:path';
import type { Figure } from '../figure.js';
import { HubProcess } from '../hub/hub-process.js';
import { seedJournal } from '../hub/seed-journal.js';

const BACKLOG_BYTES = 2e9;

/** How long a hub takes to be ready when much was left to be done. */
export const restart: Figure = {
  name: 'restart',
  title: 'Restart with a backlog',
  async run(bench) {
    const data = await bench.directory('data');
    const bytes = bench.quick ? BACKLOG_BYTES / 10 : BACKLOG_BYTES;
    bench.note(`writing a journal of ${bytes / 1e9} GB`);
    const seeded = await seedJournal(join(data, 'journal'), { stop: { bytes }, devices: 200, everyMs: 100 });
    const runs: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const hub = await HubProcess.start({ data, ...bench.hub });
      bench.defer(() => hub.stop('SIGKILL'));
      runs.push(hub.readyAfterMs);
      bench.note(`ready after ${Math.round(hub.readyAfterMs)} ms`);
      // Killed: no clean end that could make the next start easier.
      await hub.stop('SIGKILL');
    }
    return [
      {
        name: 'ready after a restart',
        value: Math.max(...runs) / 1_000,
        unit: 's',
        target: 2,
        conditions: `${(seeded.bytes / 1e9).toFixed(2)} GB of journal (${seeded.readings} readings) not yet in the history, written by the journal package; from spawn to GET /readyz 200; the slowest of ${runs.length} starts, each ended by SIGKILL`,
      },
    ];
  },
};
