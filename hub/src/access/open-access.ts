import { Registry } from '../devices/registry.js';
import type { Counters } from '../ops/counters.js';
import { Audit } from '../state/audit.js';
import { EnrolmentStore } from '../state/enrolments.js';
import type { StateFile } from '../state/state-file.js';
import { Access } from './access.js';
import { openAdminToken } from './admin-token.js';
import { ApiTokens } from './api-tokens.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { Claims } from './claims.js';
import { DeviceTokens } from './device-tokens.js';
import { Givers } from './givers.js';
import { LoginLinks } from './login-links.js';
import { NameDelays } from './name-delays.js';
import { Provisioning } from './provisioning.js';
import { RepeatedDeeds } from './repeated-deeds.js';
import { Sessions, type SessionsOptions } from './sessions.js';
import { Tickets } from './tickets.js';
import { Users } from './users.js';

/** Who may do what: devices with their tokens, and people. */
export interface OpenAccess {
  readonly registry: Registry;
  readonly deviceTokens: DeviceTokens;
  readonly access: Access;
  readonly apiTokens: ApiTokens;
  readonly users: Users;
  readonly givers: Givers;
  readonly claims: Claims;
  readonly enrolments: EnrolmentStore;
  readonly provisioning: Provisioning;
  /** For the audit of what anybody can repeat. */
  readonly repeated: RepeatedDeeds;
  readonly tickets: Tickets;
  /** Failed attempts of devices, of the socket and of HTTP together. */
  readonly deviceAttempts: AttemptLimiter;
  /** The admin token in force. */
  readonly adminToken: string;
  /** The admin token, when this start has made it. */
  readonly newAdminToken: { readonly token: string; readonly path: string } | null;
  close(): void;
}

export interface AccessOptions {
  readonly audit?: Audit;
  readonly counters?: Counters;
  /** How long log-ins last. */
  readonly session?: Pick<SessionsOptions, 'idleMs' | 'absoluteMs'>;
}

/**
 * Opens everything about access that the state file holds, and the admin token.
 * @throws FieldlineError `bad_admin_token`, `state_damaged`
 */
export function openAccess(
  state: StateFile,
  dataDirectory: string,
  configured: string | null,
  { audit = new Audit(state), session = {}, counters }: AccessOptions = {},
): OpenAccess {
  const registry = Registry.open(state);
  const deviceTokens = DeviceTokens.open(state, registry);
  const apiTokens = ApiTokens.open(state);
  const users = Users.open(state);
  const sessions = Sessions.open(state, session);
  const loginLinks = new LoginLinks();
  const tickets = new Tickets();
  const repeated = new RepeatedDeeds({ audit });
  repeated.open();
  const [attempts, delays] = [new AttemptLimiter(), new NameDelays()];
  const limits = { attempts, delays };
  const access = new Access({
    apiTokens,
    users,
    sessions,
    loginLinks,
    tickets,
    ...limits,
    audit,
    counters,
    failures: repeated,
  });
  access.open();
  const claims = Claims.open(state);
  const enrolments = new EnrolmentStore(state);
  const provisioning = new Provisioning({
    ...{ state, claims, enrolments, registry, deviceTokens, audit, repeated },
    attempts: new AttemptLimiter(),
  });
  const { token, origin, path } = openAdminToken({ apiTokens, dataDirectory, configured });
  return {
    registry,
    deviceTokens,
    access,
    apiTokens,
    users,
    givers: new Givers({ apiTokens, users }),
    tickets,
    repeated,
    claims,
    enrolments,
    provisioning,
    deviceAttempts: new AttemptLimiter(),
    adminToken: token,
    newAdminToken: origin === 'created' && path !== null ? { token, path } : null,
    close: () => {
      access.close();
      repeated.close();
      sessions.close();
      apiTokens.close();
      deviceTokens.close();
    },
  };
}
