/** Words of the alarms. */
export const alarms = {
  title: 'Alarms',
  emptyHead: 'No alarm is evaluated yet',
  emptyBody: 'Limits of the profiles are drawn in the charts of each device.',
} as const;
