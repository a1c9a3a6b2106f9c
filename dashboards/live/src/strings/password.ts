/** Words of changing the own password. */
export const ownPassword = {
  open: 'Change the password…',
  head: 'Change your password',
  current: 'Password now',
  password: 'New password',
  says: '12 characters or more; a sentence is good. Your other log-ins end within a second.',
  done: 'Your password is changed.',
  go: 'Change it',
} as const;
