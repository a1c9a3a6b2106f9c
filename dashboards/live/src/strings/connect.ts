/** Words of connecting a device. */
export const connect = {
  title: 'Connect a device',
  emptyHead: 'A device is made known on the command line',
  emptyBody: 'npx fieldline device add my-device',
} as const;
