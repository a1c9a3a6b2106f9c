/** Words of the first admin's form. */
export const firstRun = {
  title: 'The first admin',
  body: 'This hub is new. The link that brought you here works once; from now on you log in by name and password.',
  name: 'Name',
  nameRule: 'Letters, digits and . _ @ + -',
  password: 'Password',
  again: 'The same again',
  rule: '12 characters or more. A sentence is good.',
  strength: {
    none: '12 characters or more. A sentence is good.',
    short: (missing: number) =>
      missing === 1
        ? 'One character is missing. A sentence is good.'
        : `${missing} characters are missing. A sentence is good.`,
    weak: 'Long enough, and easy to guess: it repeats itself, or holds the name.',
    fair: 'Long enough. Longer is better: a few words more.',
    good: 'Good.',
    strong: 'Strong.',
  },
  differs: 'The two are not the same.',
  go: 'Make the admin',
  busy: 'Making the admin',
  later: 'Not now',
  missingHead: 'This hub has no users yet.',
  offer: 'Make the first admin',
  dismiss: 'Dismiss',
  laterSays: 'Until there is a user, the admin token is the way in.',
  made: 'You are the first admin. Next: connect a device.',
  trouble: (code: string, detail: string): string =>
    ({
      user_exists: 'There is a user of this name already. Log in as that one.',
      unreachable: 'The hub did not answer. Try to log in with what you have typed.',
      timeout: 'The hub did not answer in time. Try to log in with what you have typed.',
    })[code] ?? detail,
} as const;
