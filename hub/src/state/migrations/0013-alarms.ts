/**
 * Alarms, and what is owed to the channels that tell of them. An alarm outlives its device. `alarm_watches` is how the
 * readings of a device stand with its limits at an offset of the journal; the rest is judged again after a kill.
 */
export const alarms = `
  CREATE TABLE alarms (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL,
    metric TEXT,
    level TEXT NOT NULL,
    alarm_limit TEXT NOT NULL,
    past INTEGER NOT NULL,
    since INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    raised_seen_at INTEGER NOT NULL,
    cleared_at INTEGER,
    cleared_seen_at INTEGER,
    ended TEXT,
    value TEXT NOT NULL,
    worst TEXT NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    note TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX alarms_open ON alarms (id) WHERE cleared_at IS NULL;
  CREATE INDEX alarms_device ON alarms (device, id);

  CREATE TABLE alarm_watches (
    device TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    "offset" INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alarm_offset (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    journal TEXT NOT NULL,
    "offset" INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE alarm_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    alarm TEXT NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    message INTEGER,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    done_at INTEGER,
    error TEXT
  ) STRICT;

  CREATE INDEX alarm_deliveries_owed ON alarm_deliveries (channel, id) WHERE state = 'owed';
  CREATE INDEX alarm_deliveries_alarm ON alarm_deliveries (alarm, id);
`;
