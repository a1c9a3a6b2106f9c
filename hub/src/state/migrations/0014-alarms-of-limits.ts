/** Readings that come late ask for the alarms of their limit around a time. */
export const alarmsOfLimits = `
  CREATE INDEX alarms_limit ON alarms (device, metric, level, since);
`;
