import type { NewJob } from '@fieldline/protocol';
import { pino } from 'pino';
import { vi } from 'vitest';
import { CommandBench, type NotingLink, OPERATOR } from '../commands/commands.fixture.js';
import { JobStore } from '../state/jobs.js';
import { Jobs } from './jobs.js';

/** Jobs over real commands and a real state file, which can be closed without a warning and opened again. */
export class JobBench extends CommandBench {
  jobs!: Jobs;
  readonly links = new Map<string, NotingLink>();

  override open(devices: readonly string[] = ids(10)): this {
    super.open(devices);
    const { state, keys, audit, ledger, commands, givers, devices: known } = this;
    this.jobs = new Jobs({
      ...{ state, keys, audit, ledger, commands, givers, devices: known },
      store: new JobStore(state),
      log: pino({ enabled: false }),
      now: () => this.nowMs,
    });
    this.jobs.open();
    return this;
  }

  override crash(devices: readonly string[] = []): void {
    this.jobs.close();
    super.crash(devices);
  }

  override close(): void {
    this.jobs.close();
    super.close();
  }

  connectAll(devices: readonly string[] = ids(10)): void {
    for (const id of devices) this.links.set(id, this.connect(id));
  }

  start(wanted: Partial<NewJob> = {}) {
    return this.jobs.start({ devices: ids(10), name: 'identify', ...wanted }, OPERATOR);
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
    await new Promise(setImmediate);
  }

  /** Ids of the commands that a device was sent, over the connection that it has now. */
  sent(device: string): string[] {
    return this.links.get(device)?.frames.map(({ id }) => id) ?? [];
  }

  /** Every device answers what it was sent. */
  answerAll(status: (device: string) => 'ok' | 'error' = () => 'ok'): void {
    for (const [device, { frames }] of this.links) {
      for (const { id } of frames) this.commands.answered(device, { id, status: status(device) });
    }
  }

  states(job: string): string[] {
    return this.jobs.devices(job, null, { limit: 1_000 }).items.map(({ state }) => state);
  }
}

/** `d00`, `d01` … */
export function ids(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `d${String(n).padStart(2, '0')}`);
}
