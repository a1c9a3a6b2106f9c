import type { AttemptLimiter } from '../access/attempt-limiter.js';
import { networkOf } from '../access/network.js';
import type { Config } from '../config.js';
import { FieldlineError } from '../errors.js';
import { type DeviceCredentials, readAuthorization } from '../ingest/credentials.js';
import type { Counters } from '../ops/counters.js';
import type { PresentedCertificate } from '../tls/client-certificate.js';
import type { Device } from './device.js';
import type { LoggedIn, TokenLogIn } from './route.js';

export interface DeviceAccessOptions {
  readonly config: Config;
  readonly tokens: { verify(token: string): { device: string; tokenId: string } | undefined };
  /** Failed attempts, by address. */
  readonly attempts: AttemptLimiter;
  readonly devices: { get(id: string): Device | undefined };
  readonly counters: Counters;
}

/**
 * Who may come in as a device (protocol §1 "Authentication").
 *
 * An address that fails too often is told to wait (429) for what it gets wrong. A token that is right passes all the
 * same: it cannot be guessed, and one board with an old token must not keep out all others behind its router.
 */
export class DeviceAccess {
  private readonly options: DeviceAccessOptions;
  /** Open sockets that have not logged in yet, by network. */
  private readonly waiting = new Map<string, number>();

  constructor(options: DeviceAccessOptions) {
    this.options = options;
  }

  /**
   * Logs a device in by what came with its upgrade: a token, else the certificate of its TLS handshake.
   * @returns null when nothing came: then its first message has to bring the token
   * @throws FieldlineError 401, 403, 429
   */
  fromUpgrade(
    header: string | undefined,
    urlToken: string | undefined,
    address: string,
    certificate: PresentedCertificate | null = null,
  ): LoggedIn | null {
    const credentials = readAuthorization(header);
    if (credentials === 'bad') return this.refuse(address, 'Bearer or Basic expected in Authorization');
    if (credentials) return this.fromToken(credentials, address);
    if (urlToken !== undefined && this.options.config.device.urlToken) {
      return this.fromToken({ token: urlToken }, address);
    }
    return certificate === null ? null : this.fromCertificate(certificate, address);
  }

  /** @throws FieldlineError 401 `unauthorized`, 403 `device_disabled`, 429 `too_many_attempts`: a wrong one again */
  fromToken({ token, device: claimed }: DeviceCredentials, address: string): TokenLogIn {
    const owner = this.options.tokens.verify(token);
    const device = owner && this.options.devices.get(owner.device);
    if (!owner || !device) return this.refuse(address, 'this token is not valid');
    if (claimed !== undefined && claimed !== device.id) {
      return this.refuse(address, 'this token belongs to another device');
    }
    requireEnabled(device);
    return { device, tokenId: owner.tokenId };
  }

  /**
   * Whether what came with an upgrade is of a device that is known. {@link fromUpgrade} decides, and counts what is
   * wrong; this tells beforehand whom it is worth waiting for.
   */
  isKnown(
    header: string | undefined,
    urlToken: string | undefined,
    certificate: PresentedCertificate | null,
  ): boolean {
    const credentials = readAuthorization(header);
    if (credentials === 'bad') return false;
    const token = credentials?.token ?? (this.options.config.device.urlToken ? urlToken : undefined);
    if (token !== undefined) return this.options.tokens.verify(token) !== undefined;
    return certificate !== null && !('fault' in certificate);
  }

  private fromCertificate(certificate: PresentedCertificate, address: string): LoggedIn {
    if ('fault' in certificate) return this.refuse(address, certificate.fault);
    const device = this.options.devices.get(certificate.device);
    if (!device)
      return this.refuse(address, `the client certificate is for ${certificate.device}: no such device`);
    requireEnabled(device);
    return { device, tokenId: null };
  }

  /** @throws FieldlineError 429 when an address has too many sockets that have not logged in */
  requireRoom(address: string): void {
    if ((this.waiting.get(networkOf(address)) ?? 0) < this.options.config.device.unauthenticatedPerAddress)
      return;
    const text = 'too many connections of this address have not logged in';
    throw new FieldlineError('too_many_connections', text, { status: 429, retryAfterMs: 5_000 });
  }

  /** Counts a socket that has not logged in. Returns how to count it out; calling that twice does no harm. */
  enter(address: string): () => void {
    const network = networkOf(address);
    this.waiting.set(network, (this.waiting.get(network) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.waiting.get(network) ?? 1) - 1;
      if (left > 0) this.waiting.set(network, left);
      else this.waiting.delete(network);
    };
  }

  /** @throws FieldlineError 429 when an address has failed too often */
  requirePatience(address: string): void {
    const retryAfterMs = this.options.attempts.waitMs(address);
    if (retryAfterMs === 0) return;
    const text = 'too many failed attempts of this address';
    throw new FieldlineError('too_many_attempts', text, { status: 429, retryAfterMs });
  }

  private refuse(address: string, message: string): never {
    this.options.counters.authenticationFailures++;
    this.requirePatience(address);
    this.options.attempts.failed(address);
    throw new FieldlineError('unauthorized', message, { status: 401 });
  }
}

function requireEnabled(device: Device): void {
  if (!device.record.disabled) return;
  throw new FieldlineError('device_disabled', `device ${device.id} is disabled`, { status: 403 });
}
