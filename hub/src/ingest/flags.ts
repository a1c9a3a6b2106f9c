/** Bits of `Reading.flags`: how its time came about. None of them set: the device's own time, as sent. */
export const FLAG = {
  /** The time made no sense (before 2020, or more than 10 minutes ahead) and was set from the hub's clock. */
  clock: 1,
  /** The time was in seconds and was multiplied by 1,000. */
  seconds: 2,
  /** The time was mapped from the device's uptime. */
  uptime: 4,
  /** No time was given: stamped by the hub on arrival. */
  stamped: 8,
} as const;
