/** Which field of an InfluxDB measurement holds which metric; `id` keeps the order in which they were made. */
export const influxFields = `
  CREATE TABLE influx_fields (
    id INTEGER PRIMARY KEY,
    measurement TEXT NOT NULL,
    name TEXT NOT NULL,
    metric TEXT NOT NULL,
    type TEXT NOT NULL,
    UNIQUE (measurement, name)
  ) STRICT;
`;
