/**
 * What is kept beside the readings. These rows are written in groups, some time after the device was seen:
 * by then it may have been deleted, which must not fail the group. So there are no foreign keys here; the
 * statements that insert skip unknown devices, and a trigger forgets what a deleted device leaves behind.
 */
export const telemetry = `
  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    time INTEGER NOT NULL,
    metric TEXT,
    value TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    source TEXT NOT NULL
  ) STRICT;

  CREATE INDEX quarantine_device ON quarantine (device, id);

  CREATE TABLE device_log (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL
  ) STRICT;

  CREATE INDEX device_log_device ON device_log (device, id);

  CREATE TABLE metric_types (
    device TEXT NOT NULL,
    metric TEXT NOT NULL,
    type TEXT NOT NULL,
    fixed_at INTEGER NOT NULL,
    PRIMARY KEY (device, metric)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device_snapshots (
    device TEXT PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshot_offset (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    journal TEXT NOT NULL,
    "offset" INTEGER NOT NULL
  ) STRICT;

  CREATE TRIGGER devices_deleted AFTER DELETE ON devices BEGIN
    DELETE FROM quarantine WHERE device = OLD.id;
    DELETE FROM device_log WHERE device = OLD.id;
    DELETE FROM metric_types WHERE device = OLD.id;
    DELETE FROM device_snapshots WHERE device = OLD.id;
  END;
`;
