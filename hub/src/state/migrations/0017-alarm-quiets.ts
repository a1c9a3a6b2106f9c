/** Limits of devices that nobody is called about for a while. `metric` is '' for a device's silence. Of whom: by name. */
export const alarmQuiets = `
  CREATE TABLE alarm_quiets (
    device TEXT NOT NULL,
    metric TEXT NOT NULL,
    level TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (device, metric, level)
  ) STRICT, WITHOUT ROWID;
`;
