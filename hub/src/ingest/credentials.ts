/** What a device presents to log in. */
export interface DeviceCredentials {
  readonly token: string;
  /** The device that it claims to be (Basic); absent where the token alone says so (Bearer). */
  readonly device?: string;
}

/**
 * Reads `Authorization` (protocol §1 "Authentication", 1 and 2): `Bearer <token>` (RFC 6750) or
 * `Basic base64(<device id>:<token>)` (RFC 7617), what `setAuthorization(user, password)` of Arduino sends.
 * @returns null when there is none, `'bad'` when it is there and makes no sense
 */
export function readAuthorization(header: string | undefined): DeviceCredentials | null | 'bad' {
  if (header === undefined || header === '') return null;
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
  if (/^bearer$/i.test(scheme)) return { token: value };
  if (!/^basic$/i.test(scheme)) return 'bad';
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? 'bad' : { device: text.slice(0, colon), token: text.slice(colon + 1) };
}
