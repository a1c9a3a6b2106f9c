/**
 * How many devices of a job are in which state is counted as they change, not at each look. Of a job that is forgotten
 * the devices are deleted some at a time, and no longer with it.
 */
export const jobCounts = `
  CREATE TABLE job_counts (
    job TEXT NOT NULL,
    state TEXT NOT NULL,
    verification TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (job, state, verification)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO job_counts
    SELECT job, state, coalesce(verification, ''), count(*) FROM job_devices
    WHERE job IN (SELECT id FROM jobs) GROUP BY 1, 2, 3;

  CREATE TRIGGER job_devices_added AFTER INSERT ON job_devices BEGIN
    INSERT INTO job_counts VALUES (NEW.job, NEW.state, coalesce(NEW.verification, ''), 1)
      ON CONFLICT (job, state, verification) DO UPDATE SET count = count + 1;
  END;

  CREATE TRIGGER job_devices_changed AFTER UPDATE OF state, verification ON job_devices
  WHEN NEW.state <> OLD.state OR NEW.verification IS NOT OLD.verification BEGIN
    UPDATE job_counts SET count = count - 1
      WHERE job = OLD.job AND state = OLD.state AND verification = coalesce(OLD.verification, '');
    INSERT INTO job_counts VALUES (NEW.job, NEW.state, coalesce(NEW.verification, ''), 1)
      ON CONFLICT (job, state, verification) DO UPDATE SET count = count + 1;
  END;

  DROP TRIGGER jobs_deleted_devices;
`;
