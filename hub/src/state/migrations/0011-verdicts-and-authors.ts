/** When telemetry decided on a command; who set a configuration and when, and what its device said of it last. */
export const verdictsAndAuthors = `
  ALTER TABLE commands ADD COLUMN verified_at INTEGER;

  ALTER TABLE device_configs ADD COLUMN set_by TEXT;
  ALTER TABLE device_configs ADD COLUMN set_at INTEGER;
  ALTER TABLE device_configs ADD COLUMN reported_version INTEGER;
  ALTER TABLE device_configs ADD COLUMN reported_at INTEGER;
`;
