import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import { MIN_TLS_VERSION, readTlsFiles, type TlsFiles, type TlsPaths } from './tls-files.js';

export interface CertificateOptions {
  readonly paths: TlsPaths;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'debug'>;
  /** How often the files are looked at, ms. */
  readonly everyMs?: number;
  readonly now?: () => number;
}

/** The certificate that the configuration names, opened; null for none. @throws FieldlineError `bad_certificate` */
export async function openCertificate(
  { cert, key, clientCa }: Config['tls'],
  log: CertificateOptions['log'],
): Promise<Certificate | null> {
  if (cert === null || key === null) return null;
  const certificate = new Certificate({ paths: { cert, key, clientCa }, log });
  await certificate.open();
  return certificate;
}

/**
 * The files are read, not watched: what replaces them may be a rename, a link of a link, or a volume over a network,
 * and of some of these the system tells nothing.
 */
const EVERY_MS = 2_000;
/** A client that begins and does not finish holds a socket meanwhile. */
const HANDSHAKE_MS = 10_000;
/** So long before its end it is worth a line in the log. */
const EXPIRES_SOON_MS = 7 * 86_400_000;

/**
 * The certificate that the hub shows, and the authority that it asks of devices, as their files are now. Renewed files
 * count for connections from then on; those that are open are left alone. What cannot be used changes nothing.
 */
export class Certificate {
  readonly #options: CertificateOptions;
  readonly #servers = new Set<TlsServer>();
  readonly #sockets = new Set<Socket>();
  #files: TlsFiles | null = null;
  /** Ms since 1970. */
  #endsAt = Number.POSITIVE_INFINITY;
  /** Why the files cannot be taken at the moment; each reason is logged once. */
  #trouble: string | null = null;
  /** What is known of the end of the certificate; each is logged once. */
  #end: 'far' | 'soon' | 'over' = 'far';
  #timer: NodeJS.Timeout | null = null;
  #checking: Promise<void> | null = null;

  constructor(options: CertificateOptions) {
    this.#options = options;
  }

  /** Reads the files, and goes on looking at them. @throws FieldlineError `bad_certificate` */
  async open(): Promise<void> {
    this.#take(await readTlsFiles(this.#options.paths));
    this.#timer = setInterval(() => void this.check(), this.#options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /**
   * Options of a server that shows it.
   * @param asksClients whether clients are asked for certificates, where there is an authority for them
   */
  serverOptions(asksClients: boolean): TlsOptions {
    return {
      ...this.#context(),
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: asksClients && this.#options.paths.clientCa !== null,
      // People and devices with a token come without one: who needs it asks for it (client-certificate.ts).
      rejectUnauthorized: false,
    };
  }

  /** Keeps the certificate of a server that was made with {@link serverOptions} renewed, until it closes. */
  serve<Server extends TlsServer>(server: Server): Server {
    this.#servers.add(server);
    server.once('close', () => this.#servers.delete(server));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (error: Error, { remoteAddress }: TLSSocket) => {
      this.#options.log.debug({ address: remoteAddress, reason: error.message }, 'a TLS handshake failed');
    });
    return server;
  }

  /** Looks at the files now. Never throws: what cannot be used is logged, and what was there stays. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Looks no more, and cuts connections that are left: those, say, that never finished their handshake. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #check(): Promise<void> {
    const { paths, log } = this.#options;
    try {
      const files = await readTlsFiles(paths);
      this.#trouble = null;
      if (files.fingerprint !== this.#files?.fingerprint) this.#take(files);
      else this.#watchEnd();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === this.#trouble) return;
      this.#trouble = reason;
      // Certificate and key are replaced one after the other: this may be over in a moment.
      log.warn({ reason }, 'the TLS files cannot be used as they are now: the certificate before stays');
    }
  }

  #take(files: TlsFiles): void {
    this.#files = files;
    for (const server of this.#servers) server.setSecureContext(this.#context());
    const { subjectAltName, validTo, fingerprint256 } = new X509Certificate(files.cert);
    const facts = { names: subjectAltName, validTo, fingerprint: fingerprint256 };
    this.#options.log.info(facts, 'the TLS certificate is in use');
    this.#endsAt = Date.parse(validTo);
    this.#end = 'far';
    this.#watchEnd();
  }

  /** Says, once each, that the certificate is about to end, and that it has: its renewal may have failed for weeks. */
  #watchEnd(): void {
    const { log, now = Date.now } = this.#options;
    const leftMs = this.#endsAt - now();
    const end = leftMs <= 0 ? 'over' : leftMs < EXPIRES_SOON_MS ? 'soon' : 'far';
    if (end === this.#end) return;
    this.#end = end;
    const facts = { validTo: new Date(this.#endsAt).toISOString() };
    if (end === 'over') log.error(facts, 'the TLS certificate has expired');
    else if (end === 'soon') log.warn(facts, 'the TLS certificate expires within a week');
  }

  #context(): SecureContextOptions {
    if (this.#files === null) throw new Error('the certificate was not opened');
    const { cert, key, clientCa } = this.#files;
    return { cert, key, minVersion: MIN_TLS_VERSION, ...(clientCa === null ? {} : { ca: clientCa }) };
  }
}
