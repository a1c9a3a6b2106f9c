import { ROLES, type Role, type SessionView } from '@fieldline/protocol';

/** Who is asking. */
export interface Principal extends SessionView {
  /** Of the API token or of the log-in. Not secret. */
  readonly id: string;
  /** Of a log-in: the id of the user, or of the API token, that it was made from. */
  readonly grantedBy?: string;
}

/** Id of the user or of the API token by whose word somebody may what they may. */
export function grantorOf({ id, grantedBy }: Pick<Principal, 'id' | 'grantedBy'>): string {
  return grantedBy ?? id;
}

/** Whether somebody with `role` may do what `needed` may. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
