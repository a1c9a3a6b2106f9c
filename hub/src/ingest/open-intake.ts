import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { LogLevel } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import type { Devices } from '../devices/devices.js';
import type { SessionContext } from '../devices/session-context.js';
import type { Counters } from '../ops/counters.js';
import type { DeviceLog } from '../state/device-log.js';
import type { MetricTypes } from '../state/metric-types.js';
import type { Quarantine } from '../state/quarantine.js';
import { Flow } from './flow.js';
import { GroupCommit } from './group-commit.js';
import { Ingest } from './ingest.js';
import { Load } from './load.js';
import { NewTypes } from './new-types.js';
import { Submit } from './submit.js';
import { ValueCheck } from './validate.js';

export interface OpenIntakeOptions {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly journal: Journal;
  readonly devices: Devices;
  readonly metricTypes: MetricTypes;
  readonly quarantine: Quarantine;
  readonly deviceLog: DeviceLog;
  readonly counters: Counters;
  /** Told of each batch once it is on disk, before its acks go out. */
  readonly onDurable: (entry: Entry, readings: readonly Reading[]) => void;
  /** Whether anything can be made durable has changed. */
  readonly onTrouble: () => void;
  readonly now: () => number;
}

/** The way of telemetry: message → batch → sync → ack. */
export interface OpenIntake {
  readonly load: Load;
  readonly flow: Flow;
  readonly commit: GroupCommit;
  readonly ingest: Ingest;
  /** For those who bring messages one request at a time. */
  readonly submit: Submit;
  readonly refuseFrame: SessionContext['refuseFrame'];
  /** Takes a line for a device's log; it becomes durable with the next batch. */
  note(line: { device: string; at: number; level: LogLevel; message: string }): void;
}

/** Builds what turns messages into durable readings; {@link GroupCommit.close} ends it. */
export function openIntake(options: OpenIntakeOptions): OpenIntake {
  const { config, log, journal, devices, quarantine, deviceLog, counters, now } = options;
  const load = new Load();
  const flow = new Flow();
  const newTypes = new NewTypes(options.metricTypes);
  const commit = new GroupCommit({
    journal,
    delayMs: () => (load.isHigh ? 2 * config.journal.commitDelayMs : config.journal.commitDelayMs),
    prepare: () => {
      newTypes.flush();
      quarantine.flush();
      deviceLog.flush();
    },
    onDurable: (entry, readings) => {
      counters.readings += readings.length;
      load.count(readings.length, now());
      options.onDurable(entry, readings);
    },
    onTrouble: (error) => {
      if (error) log.error({ err: error }, 'nothing can be made durable; devices are asked to wait');
      else log.info('the journal can be written again');
      options.onTrouble();
    },
    onBacklog: (messages) => flow.update(messages),
  });
  const check = new ValueCheck(config.device, (device, metric, type, fixedAt) =>
    newTypes.add({ device, metric, type, fixedAt }),
  );
  const { rowsPerMessage } = config.device;
  const ingest = new Ingest({ journal, commit, check, quarantine, counters, rowsPerMessage });
  const refuseFrame: OpenIntake['refuseFrame'] = (device, source, raw, reason, nowMs) => {
    counters.reject('malformed');
    device.counters.rejected++;
    const item = { metric: null, value: raw, code: 'malformed', message: reason, source };
    quarantine.add({ device: device.id, time: nowMs, ...item });
    commit.touch();
  };
  const submit = new Submit({
    ...{ ingest, commit, flow, journal, devices, now },
    rate: config,
    refuse: refuseFrame,
  });
  const note: OpenIntake['note'] = (line) => {
    deviceLog.add(line);
    commit.touch();
  };
  return { load, flow, commit, ingest, submit, refuseFrame, note };
}
