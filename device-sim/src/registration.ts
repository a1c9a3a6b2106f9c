import type { TokenFile } from './token-file.js';

export interface RegistrationOptions {
  /** Base address of the hub's HTTP API, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** An admin's API token; without one, only devices whose token is in `tokens` can be used. */
  readonly apiToken?: string | undefined;
  /** Profile that new devices are registered with. */
  readonly profile: string;
  readonly tokens: TokenFile;
  readonly fetch?: typeof fetch;
  /** Told after each device that needed the hub, with how many of `total` are done. */
  onProgress?(done: number, total: number): void;
}

/** The hub refused to register a device, or could not be asked. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
  /** The hub's stable code, or null when it gave none. */
  readonly code: string | null;
  constructor(message: string, options: ErrorOptions & { code?: string | null } = {}) {
    super(message, options);
    this.code = options.code ?? null;
  }
}

const AT_ONCE = 8;
const TIMEOUT_MS = 15_000;

/**
 * Makes sure that the hub knows every device and that a token for each is in the file. Devices that are
 * missing are registered; a device that exists without a token here gets one more.
 * @throws RegistrationError at the first device that the hub refuses; what was got until then is saved
 */
export async function register(devices: readonly string[], options: RegistrationOptions): Promise<void> {
  const missing = devices.filter((device) => options.tokens.get(device) === undefined);
  if (missing.length === 0) return;
  let done = 0;
  const queue = missing.values();
  const work = async () => {
    for (const device of queue) {
      options.tokens.set(device, await tokenFor(device, options));
      done += 1;
      options.onProgress?.(done, missing.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, missing.length) }, work));
  } finally {
    if (done > 0) await options.tokens.save();
  }
}

/** Registers a device and answers its token; one that exists gets one more. */
export async function tokenFor(device: string, options: RegistrationOptions): Promise<string> {
  const created = await post('/devices', { id: device, profile: options.profile }, options);
  if (created.status === 201) return tokenOf(created.body, device);
  if (codeOf(created.body) !== 'device_exists') throw refusal(device, created);
  const added = await post(`/devices/${encodeURIComponent(device)}/tokens`, { name: 'device-sim' }, options);
  if (added.status === 201) return tokenOf(added.body, device);
  throw refusal(device, added);
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function post(path: string, body: object, options: RegistrationOptions): Promise<Answer> {
  const request = options.fetch ?? fetch;
  try {
    const response = await request(`${options.url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(options.apiToken === undefined ? {} : { authorization: `Bearer ${options.apiToken}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RegistrationError(`the hub at ${options.url} cannot be asked: ${reason}`, { cause: error });
  }
}

function refusal(device: string, { status, body }: Answer): RegistrationError {
  const reason =
    status === 401 ? "an admin's API token is needed" : (field(body, 'detail') ?? `HTTP ${status}`);
  return new RegistrationError(`${device} cannot be registered: ${reason}`, { code: codeOf(body) });
}

function codeOf(body: unknown): string | null {
  return field(body, 'code');
}

function tokenOf(body: unknown, device: string): string {
  const token = field(body, 'token');
  if (token === null) throw new RegistrationError(`the hub gave no token for ${device}`);
  return token;
}

function field(body: unknown, key: string): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const value: unknown = Reflect.get(body, key);
  return typeof value === 'string' ? value : null;
}
