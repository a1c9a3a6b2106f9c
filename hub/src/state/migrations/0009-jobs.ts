/**
 * Jobs: one command to many devices. A device's row follows its command by a trigger, in the transaction that changes
 * the command; what was under way of a device that is deleted ends with it.
 */
export const jobs = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    devices INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX jobs_unfinished ON jobs (id) WHERE finished_at IS NULL;

  CREATE TABLE job_devices (
    job TEXT NOT NULL,
    position INTEGER NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL,
    command TEXT,
    error_code TEXT,
    error_message TEXT,
    verification TEXT,
    PRIMARY KEY (job, position)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX job_devices_state ON job_devices (job, state, position);
  CREATE UNIQUE INDEX job_devices_command ON job_devices (command) WHERE command IS NOT NULL;

  CREATE TRIGGER jobs_deleted_devices AFTER DELETE ON jobs BEGIN
    DELETE FROM job_devices WHERE job = OLD.id;
  END;

  CREATE TRIGGER commands_changed_jobs AFTER UPDATE ON commands BEGIN
    UPDATE job_devices SET state = NEW.state, error_code = NEW.error_code, error_message = NEW.error_message,
      verification = NEW.verification WHERE command = NEW.id;
  END;

  CREATE TRIGGER commands_deleted_jobs AFTER DELETE ON commands
  WHEN OLD.state IN ('queued', 'sent', 'accepted') BEGIN
    UPDATE job_devices SET state = iif(OLD.state = 'queued', 'cancelled', 'timed_out'),
      error_code = 'device_deleted', error_message = 'the device was deleted', verification = NULL
      WHERE command = OLD.id;
  END;
`;
