/** What the process answers to the shell. Part of the command line's contract: scripts branch on it. */
export const EXIT = {
  ok: 0,
  /** The hub refused, or something failed that has no code of its own. */
  failed: 1,
  /** The command line itself is wrong: an unknown option, a missing argument, an unreadable configuration. */
  usage: 2,
  /** No hub answers at the address. */
  unreachable: 3,
  /** The hub does not accept the token, or the token's role is too low. */
  unauthorised: 4,
  /** The hub does not know that device, token or profile. */
  notFound: 5,
  /** A command was sent and no answer came: nobody knows whether it was done. */
  unknownOutcome: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The end of `fieldline --help`. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  the hub refused, or something failed
  2  wrong usage or configuration
  3  no hub answers at the address
  4  the token is not accepted, or its role is too low
  5  no such device or token
  6  the command was sent, and its outcome is unknown`;
