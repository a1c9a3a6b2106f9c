import { ROLES, type Role } from '@fieldline/protocol';
import { InvalidArgumentError } from 'commander';

/** Reads a role on a command line. */
export function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new InvalidArgumentError(`A role is one of ${ROLES.join(', ')}.`);
  return role;
}
