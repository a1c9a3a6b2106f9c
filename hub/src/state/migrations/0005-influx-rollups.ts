/**
 * What the hub made and did in a database of InfluxDB.
 *
 * `influx_policies`: retention policies of its own making; only these are ever shortened.
 * `influx_rollups`: up to where (ms since 1970, exclusive) the rollup of a measurement is whole, but for the ranges in
 * `influx_repairs`, which are to be rolled up (again).
 */
export const influxRollups = `
  CREATE TABLE influx_policies (
    database TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (database, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE influx_rollups (
    database TEXT NOT NULL,
    measurement TEXT NOT NULL,
    unit TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    PRIMARY KEY (database, measurement, unit)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE influx_repairs (
    database TEXT NOT NULL,
    measurement TEXT NOT NULL,
    unit TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    PRIMARY KEY (database, measurement, unit, from_ms)
  ) STRICT, WITHOUT ROWID;
`;
