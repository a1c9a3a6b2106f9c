import type { Role } from '@fieldline/protocol/browser';

/** What each role may. */
const MAY: Readonly<Record<Role, string>> = {
  viewer: 'look',
  operator: 'look, send commands, configure',
  admin: 'look, send commands, configure; users, tokens, devices, the audit',
};

/** Words of users and API tokens. */
export const people = {
  users: 'Users',
  usersSay: 'who log in by name and password',
  tokens: 'API tokens',
  tokensSay: 'for programs; a token is shown once, when it is made',
  may: (role: Role): string => MAY[role],
  columns: {
    name: 'Name',
    role: 'Role',
    may: 'May',
    seen: 'Last log-in',
    made: 'Made',
    used: 'Last used',
    expires: 'Expires',
    act: 'Actions',
  },
  you: 'you',
  never: 'never',
  expired: (at: string) => `expired: ${at}`,
  ago: (age: string) => `${age} ago`,
  noUsersHead: 'No user yet',
  noUsersBody: 'Until there is one, the admin token is the way in. The first user should be an admin.',
  password: 'Password',
  passwordHint: '12 characters or more. A sentence is good.',
  role: 'Role',
  name: 'Name',
  expires: 'Expires',
  terms: { never: 'never', week: 'in 7 days', month: 'in 30 days', year: 'in a year' },
  addUser: 'Make the user',
  addToken: 'Make a token',
  busy: 'Making it',
  made: (name: string) => `The token ${name}. It is shown this once; keep it now.`,
  copy: 'Copy the token',
  change: 'Change…',
  changed: (name: string) => `${name} is changed.`,
  remove: 'Remove…',
  revoke: 'Revoke…',
  ask: {
    removeHead: (name: string) => `Remove the user ${name}?`,
    removeBody: 'Their log-ins and live pages end within a second. What they did stays in the audit.',
    remove: 'Remove the user',
    revokeHead: (name: string) => `Revoke the token ${name}?`,
    revokeBody:
      'Whatever uses it is refused from now on; its live sockets end within a second. It cannot be undone.',
    revoke: 'Revoke the token',
    cancel: 'Cancel',
    busy: 'Working',
  },
  changeAsk: {
    head: (name: string) => `Change ${name}`,
    password: 'New password, or empty to keep it',
    current: 'Your password now, for a new one',
    says: (isMe: boolean) =>
      isMe
        ? 'Your other log-ins end within a second.'
        : 'With another role or password their log-ins and live pages end within a second.',
    nothing: 'Nothing is changed yet.',
    go: 'Change it',
  },
  trouble: (code: string, detail: string): string =>
    ({
      last_admin: 'This is the last admin who can log in. Make another one first.',
      bad_credentials: 'The password now is another one. Nothing was changed.',
      too_many_attempts: 'Too many wrong passwords. Try again in a while.',
      user_exists: 'There is a user of this name already.',
      admin_token: 'The admin token changes with a restart of the hub only.',
      unreachable: 'The hub did not answer. See below whether it was done.',
      timeout: 'The hub did not answer in time. See below whether it was done.',
    })[code] ?? detail,
} as const;
