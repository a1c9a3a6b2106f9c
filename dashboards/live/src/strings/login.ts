/** Words of the door. */
export const login = {
  title: 'Log in',
  name: 'Name',
  password: 'Password',
  go: 'Log in',
  busy: 'Logging in',
  hint: 'No user yet, or locked out? On the hub, fieldline login prints a link. The name admin works, too, with the admin token as its password: it is in the data directory, in the file admin-token.',
  wrong: 'Name and password do not match.',
  codeUsed:
    'This link was used already, or is older than 10 min. Log in below, or ask the hub for a new one.',
  tooMany: 'Too many tries from this address. Others can go on; wait a little.',
  away: 'The hub does not answer. Nothing was sent.',
} as const;
