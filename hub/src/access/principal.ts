import { ROLES, type Role, type SessionView } from '@fieldline/protocol';

/** Who is asking. */
export interface Principal extends SessionView {
  /** Of the API token or of the log-in. Not secret. */
  readonly id: string;
}

/** Whether somebody with `role` may do what `needed` may. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
