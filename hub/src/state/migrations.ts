import type { Connection } from './connection.js';
import { devices } from './migrations/0001-devices.js';
import { telemetry } from './migrations/0002-telemetry.js';
import { access } from './migrations/0003-access.js';
import { influxFields } from './migrations/0004-influx-fields.js';
import { influxRollups } from './migrations/0005-influx-rollups.js';
import { homeAssistant } from './migrations/0006-home-assistant.js';
import { commands } from './migrations/0007-commands.js';
import { users } from './migrations/0008-access.js';
import { jobs } from './migrations/0009-jobs.js';
import { retypedMetrics } from './migrations/0010-retyped-metrics.js';
import { verdictsAndAuthors } from './migrations/0011-verdicts-and-authors.js';
import { deviceConnections } from './migrations/0012-device-connections.js';
import { alarms } from './migrations/0013-alarms.js';
import { alarmsOfLimits } from './migrations/0014-alarms-of-limits.js';
import { givers } from './migrations/0015-givers.js';
import { jobCounts } from './migrations/0016-job-counts.js';
import { alarmQuiets } from './migrations/0017-alarm-quiets.js';

/** In order; a state file's `user_version` is how many of them it has been through. Never change one. */
export const MIGRATIONS: readonly string[] = [
  devices,
  telemetry,
  access,
  influxFields,
  influxRollups,
  homeAssistant,
  commands,
  users,
  jobs,
  retypedMetrics,
  verdictsAndAuthors,
  deviceConnections,
  alarms,
  alarmsOfLimits,
  givers,
  jobCounts,
  alarmQuiets,
];

/** The `user_version` of a state file that is up to date. */
export const STATE_VERSION = MIGRATIONS.length;

/**
 * Takes the file from version `from` to the newest one. Each step is a transaction of its own, so that a
 * failing one leaves the version before it.
 */
export function migrate(connection: Connection, from: number, migrations = MIGRATIONS): void {
  for (const [i, sql] of migrations.entries()) {
    if (i < from) continue;
    connection.transaction(() => {
      connection.exec(sql);
      connection.pragma(`user_version = ${i + 1}`);
    });
  }
}
