/** Words of the log-ins that go on. */
export const logIns = {
  title: 'Log-ins',
  says: 'browsers that need no password now; one that you do not know is ended here',
  columns: { name: 'Who', role: 'Role', since: 'Since', used: 'Last used' },
  byToken: 'by a token or a link',
  current: 'this browser',
  end: 'End…',
  endHead: (name: string) => `End the log-in of ${name}?`,
  endBody: 'Its pages stop within a second, and ask for the password. What was typed there is kept.',
  endGo: 'End the log-in',
} as const;
