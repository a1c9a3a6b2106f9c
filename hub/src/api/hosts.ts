import { isIP } from 'node:net';

/** Where a request came from and went to, as far as its headers tell. */
export interface Addressed {
  /** The `Host` header. */
  readonly host: string | undefined;
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** The address and port of this machine that the connection came to. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** Whether it came by TLS, as far as we, or a proxy that is trusted, can tell. */
  readonly isSecure: boolean;
}

/**
 * Decides which `Host` names and which `Origin`s are ours. It defends against DNS rebinding (a page of some
 * other name that resolves to this machine) and against requests that other sites make with our cookie.
 *
 * Loopback names and the bound address are ours, and so are the hosts of the configured origins. For a name,
 * the port does not matter: rebinding needs a name, and a published container port is another one than ours.
 * For an origin it does.
 */
export class Hosts {
  readonly #bound: string;
  readonly #origins: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;

  /**
   * @param bound the address that the hub listens on; a wildcard stands for each address of this machine
   * @param origins the configured origins, such as `https://hub.example`
   */
  constructor(bound: string, origins: readonly string[]) {
    const urls = origins.map((origin) => new URL(origin));
    this.#bound = canonical(bound);
    this.#origins = new Set(urls.map((url) => url.origin));
    this.#names = new Set(urls.map((url) => canonical(url.hostname)));
  }

  /** True when the request was meant for this hub. */
  isOurs({ host, localAddress }: Addressed): boolean {
    const name = parseHost(host)?.name;
    if (name === undefined) return false;
    return this.#names.has(name) || this.#isDefault(name, localAddress);
  }

  /** True when a page of this origin may act with the cookie of a log-in. Needs `isOurs`. */
  isAllowedOrigin(request: Addressed): boolean {
    const origin = parseOrigin(request.origin);
    const target = parseHost(request.host);
    if (origin === undefined || target === undefined) return false;
    if (this.#origins.has(origin.text)) return true;
    // A page that came without TLS may have been changed on its way.
    if (request.isSecure && origin.scheme !== 'https:') return false;
    if (!this.#isDefault(target.name, request.localAddress)) return false;
    const sameHost =
      origin.name === target.name && origin.port === (target.port ?? DEFAULT_PORTS[origin.scheme]);
    const loopbackHere =
      isLoopback(origin.name) && isLoopback(target.name) && origin.port === request.localPort;
    return sameHost || loopbackHere;
  }

  #isDefault(name: string, localAddress: string | undefined): boolean {
    if (isLoopback(name)) return true;
    if (!isWildcard(this.#bound)) return name === this.#bound;
    return localAddress !== undefined && name === canonical(localAddress);
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

interface Host {
  readonly name: string;
  readonly port: number | undefined;
}

/** Reads `name`, `name:port`, `[v6]` or `[v6]:port` (RFC 9110 section 7.2); undefined for anything else. */
export function parseHost(host: string | undefined): Host | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/i.exec(host ?? '');
  const name = match?.[1];
  if (name === undefined) return undefined;
  const port = match?.[2];
  return { name: canonical(name), port: port === undefined ? undefined : Number(port) };
}

function parseOrigin(origin: string | undefined) {
  if (origin === undefined || !URL.canParse(origin)) return undefined;
  const { origin: text, protocol: scheme, hostname, port } = new URL(origin);
  const defaultPort = DEFAULT_PORTS[scheme];
  if (defaultPort === undefined) return undefined;
  return { text, scheme, name: canonical(hostname), port: port === '' ? defaultPort : Number(port) };
}

/** One spelling for each host: lower case, no brackets, no trailing dot, IPv4 instead of IPv4-mapped IPv6. */
function canonical(name: string): string {
  const bare = name
    .toLowerCase()
    .replace(/^\[|\]$|%.*$|\.$/g, '')
    .replace(/^::ffff:(?=\d+\.)/, '');
  return isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

/** Whether a name stands for the machine that uses it. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
