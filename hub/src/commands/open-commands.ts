import type { FastifyBaseLogger } from 'fastify';
import type { Givers } from '../access/givers.js';
import { Configs } from '../devices/configs.js';
import type { Devices } from '../devices/devices.js';
import { Jobs } from '../jobs/jobs.js';
import type { Audit } from '../state/audit.js';
import { CommandStore } from '../state/commands.js';
import { DeviceConfigStore } from '../state/device-configs.js';
import { IdempotencyKeys } from '../state/idempotency-keys.js';
import { JobStore } from '../state/jobs.js';
import type { StateFile } from '../state/state-file.js';
import { Commands } from './commands.js';
import { Ledger } from './ledger.js';

export interface OpenCommandsOptions {
  readonly state: StateFile;
  readonly audit: Audit;
  readonly devices: Devices;
  readonly givers: Givers;
  readonly log: FastifyBaseLogger;
  readonly now: () => number;
}

/** What operators want of devices. */
export interface OpenCommands {
  readonly ledger: Ledger;
  readonly commandStore: CommandStore;
  readonly commands: Commands;
  readonly jobs: Jobs;
  readonly configs: Configs;
  close(): void;
}

/** Opens commands, jobs and configurations, and takes up what was under way when the hub stopped. */
export function openCommands({ state, audit, devices, givers, log, now }: OpenCommandsOptions): OpenCommands {
  const commandStore = new CommandStore(state);
  const keys = new IdempotencyKeys(state);
  const ledger = new Ledger({ state, store: commandStore, keys, audit, now });
  const configs = new Configs({ state, store: new DeviceConfigStore(state), audit, devices, log, now });
  configs.open();
  const commands = new Commands({ ledger, store: commandStore, keys, devices, givers, log, now });
  commands.open();
  const jobs = new Jobs({
    ...{ state, store: new JobStore(state), keys, audit, ledger, commands, devices, givers, log, now },
  });
  jobs.open();
  const cancelBarred = () => {
    jobs.cancelBarred();
    commands.cancelBarred();
  };
  const stopListening = givers.onBarred(cancelBarred);
  // It may have been between a revocation and this that the hub was killed.
  cancelBarred();
  const close = () => {
    stopListening();
    jobs.close();
    commands.close();
  };
  return { ledger, commandStore, commands, jobs, configs, close };
}
