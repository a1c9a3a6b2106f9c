/**
 * Types that an admin gave to metrics, of all devices of a profile at once. There is no foreign key: profiles are
 * files, and `default` stands for the devices without one.
 */
export const retypedMetrics = `
  CREATE TABLE retyped_metrics (
    profile TEXT NOT NULL,
    metric TEXT NOT NULL,
    type TEXT NOT NULL,
    fixed_at INTEGER NOT NULL,
    PRIMARY KEY (profile, metric)
  ) STRICT, WITHOUT ROWID;
`;
