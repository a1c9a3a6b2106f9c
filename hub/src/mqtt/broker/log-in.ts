import { isDeviceId } from '@fieldline/protocol';
import type { ApiTokens } from '../../access/api-tokens.js';
import { looksSecret } from '../../access/secret.js';
import type { Actor as AuditedActor } from '../../commands/ledger.js';
import type { DeviceAccess } from '../../devices/access.js';
import { type FailedAttempt, kindOfRefusal } from '../../devices/attempts.js';
import type { Device } from '../../devices/device.js';
import { FieldlineError } from '../../errors.js';
import type { Actor } from './authorize.js';

/** A client that has logged in. */
export interface Member {
  readonly actor: Actor;
  /** Null for people and programs. */
  readonly device: Device | null;
  /** Of the token that it logged in with. */
  readonly tokenId: string;
  /** Whose its sessions and client identifiers are: those of two owners never meet. */
  readonly scope: string;
  /** For the log. */
  readonly name: string;
  /** For the audit. */
  readonly audited: Pick<AuditedActor, 'name' | 'kind' | 'id'>;
}

export interface LogInOptions {
  readonly apiTokens: Pick<ApiTokens, 'verify'>;
  readonly deviceAccess: Pick<DeviceAccess, 'requirePatience' | 'fromToken'>;
}

/**
 * Logs a client in by the user name and password of its CONNECT (protocol §4, last paragraph): an API token as the
 * password, under any user name, or a device's id with its token.
 * @throws FieldlineError 401 `unauthorized`, 403 `device_disabled`, 429 `too_many_attempts`
 */
export function logIn(
  username: string | undefined,
  password: Buffer | undefined,
  address: string,
  { apiTokens, deviceAccess }: LogInOptions,
): Member {
  const token = password?.toString('utf8') ?? '';
  const record = apiTokens.verify(token);
  if (record !== undefined) {
    const { id, role, name } = record;
    // The only token that people choose, and so the only one that can be guessed.
    if (record.isAdminToken) deviceAccess.requirePatience(address);
    return {
      actor: { kind: 'token', role },
      device: null,
      tokenId: id,
      scope: `token/${id}`,
      name: `token ${name}`,
      audited: { name, kind: 'token', id },
    };
  }
  const { device, tokenId } = deviceAccess.fromToken({ token, device: username ?? '' }, address);
  return {
    actor: { kind: 'device', device: device.id },
    device,
    tokenId,
    scope: `device/${device.id}`,
    name: `device ${device.id}`,
    audited: { name: `device:${device.id}` },
  };
}

/**
 * The device that a user name names, where it may be told: some have their tokens in the user name.
 * @returns null when it is no device id, or may be a secret
 */
export function claimedDevice(
  username: string | undefined,
  apiTokens: Pick<ApiTokens, 'verify'>,
): string | null {
  return isDeviceId(username) && !looksSecret(username) && apiTokens.verify(username) === undefined
    ? username
    : null;
}

/** The same for the list of refused attempts. */
export function refusedLogIn(
  { status, code, message }: FieldlineError,
  device: string | null,
  password: Buffer | undefined,
  address: string,
): FailedAttempt {
  const kind = kindOfRefusal(status);
  const token = kind === 'bad_token' ? (password?.toString('utf8') ?? '') : undefined;
  return { kind, device, address, via: 'mqtt', code, message, token };
}

/** What CONNACK says of a refused log-in (MQTT 3.1.1 §3.2.2.3). */
export function returnCodeOf(error: unknown): 3 | 4 | 5 {
  if (!(error instanceof FieldlineError) || error.status === 429 || error.status === 503) return 3;
  return error.status === 401 ? 4 : 5;
}
