import { Registry } from '../devices/registry.js';
import type { StateFile } from '../state/state-file.js';
import { Access } from './access.js';
import { openAdminToken } from './admin-token.js';
import { ApiTokens } from './api-tokens.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { DeviceTokens } from './device-tokens.js';
import { LoginLinks } from './login-links.js';
import { Sessions } from './sessions.js';
import { Tickets } from './tickets.js';

/** Who may do what: devices with their tokens, and people. */
export interface OpenAccess {
  readonly registry: Registry;
  readonly deviceTokens: DeviceTokens;
  readonly access: Access;
  readonly apiTokens: ApiTokens;
  readonly tickets: Tickets;
  /** Failed attempts of devices, of the socket and of HTTP together. */
  readonly deviceAttempts: AttemptLimiter;
  /** The admin token in force. */
  readonly adminToken: string;
  /** The admin token, when this start has made it. */
  readonly newAdminToken: { readonly token: string; readonly path: string } | null;
  close(): void;
}

/**
 * Opens everything about access that the state file holds, and the admin token.
 * @throws FieldlineError `bad_admin_token`, `state_damaged`
 */
export function openAccess(state: StateFile, dataDirectory: string, configured: string | null): OpenAccess {
  const registry = Registry.open(state);
  const deviceTokens = DeviceTokens.open(state, registry);
  const apiTokens = ApiTokens.open(state);
  const sessions = Sessions.open(state);
  const loginLinks = new LoginLinks();
  const tickets = new Tickets();
  const parts = { apiTokens, sessions, loginLinks, tickets, attempts: new AttemptLimiter() };
  const access = new Access(parts);
  access.open();
  const { token, origin, path } = openAdminToken({ apiTokens, dataDirectory, configured });
  return {
    registry,
    deviceTokens,
    access,
    apiTokens,
    tickets,
    deviceAttempts: new AttemptLimiter(),
    adminToken: token,
    newAdminToken: origin === 'created' && path !== null ? { token, path } : null,
    close: () => {
      access.close();
      sessions.close();
      apiTokens.close();
      deviceTokens.close();
    },
  };
}
