import {
  type ApiTokenView,
  type ClaimView,
  type CommandView,
  type DeviceView,
  type EnrolmentView,
  type IssuedApiToken,
  type IssuedClaim,
  type IssuedToken,
  type JobDeviceView,
  type JobView,
  type LoginLink,
  type NewApiToken,
  type NewClaim,
  type NewCommand,
  type NewDevice,
  type NewJob,
  type NewToken,
  type NewUser,
  type Page,
  type RegisteredDevice,
  type RetypedMetric,
  readProblem,
  type TokenView,
  type UserChanges,
  type UserView,
} from '@fieldline/protocol';
import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT, type ExitCode } from './exit-codes.js';

const TIMEOUT_MS = 10_000;
const PAGE = 500;

/** The hub's HTTP API (protocol §3), as far as the command line uses it. Every failure is a {@link CliError}. */
export class HubClient {
  readonly connection: Connection;
  readonly #fetch: typeof fetch;

  constructor(connection: Connection, fetcher: typeof fetch = fetch) {
    this.connection = connection;
    this.#fetch = fetcher;
  }

  /** Every device of the registry, in the hub's order, page by page. */
  devices(filter: Readonly<Record<string, string>> = {}): AsyncGenerator<DeviceView> {
    return this.#pages('/devices', filter);
  }

  device(id: string): Promise<DeviceView> {
    return this.#call('GET', `/devices/${encodeURIComponent(id)}`);
  }

  /** Registers a device; `token` is shown this once. */
  addDevice(device: NewDevice): Promise<RegisteredDevice> {
    return this.#call('POST', '/devices', device);
  }

  removeDevice(id: string): Promise<void> {
    return this.#call('DELETE', `/devices/${encodeURIComponent(id)}`);
  }

  /** Gives a device a command. */
  giveCommand(device: string, command: NewCommand): Promise<CommandView> {
    return this.#call('POST', `/devices/${encodeURIComponent(device)}/commands`, command);
  }

  /** A command, once it has ended, or as it is after `waitMs`. */
  command(id: string, waitMs: number): Promise<CommandView> {
    return this.#call('GET', `/commands/${encodeURIComponent(id)}?wait=${waitMs}`);
  }

  /** Gives a metric of a profile's devices another type; `default` for devices without a profile. */
  retype(profile: string, metric: string, type: string): Promise<RetypedMetric> {
    const path = `/profiles/${encodeURIComponent(profile)}/metrics/${encodeURIComponent(metric)}`;
    return this.#call('PATCH', path, { type });
  }

  /** Gives many devices a command. */
  startJob(job: NewJob): Promise<JobView> {
    return this.#call('POST', '/jobs', job);
  }

  jobs(): AsyncGenerator<JobView> {
    return this.#pages('/jobs', {});
  }

  job(id: string): Promise<JobView> {
    return this.#call('GET', `/jobs/${encodeURIComponent(id)}`);
  }

  jobDevices(id: string): AsyncGenerator<JobDeviceView> {
    return this.#pages(`/jobs/${encodeURIComponent(id)}/devices`, {});
  }

  cancelJob(id: string): Promise<JobView> {
    return this.#call('DELETE', `/jobs/${encodeURIComponent(id)}`);
  }

  tokens(id: string): AsyncGenerator<TokenView> {
    return this.#pages(`/devices/${encodeURIComponent(id)}/tokens`, {});
  }

  /** Makes one more token for a device; `token` is shown this once. `expiresAt` in ms since 1970. */
  addToken(id: string, options: NewToken): Promise<IssuedToken> {
    return this.#call('POST', `/devices/${encodeURIComponent(id)}/tokens`, options);
  }

  revokeToken(id: string, tokenId: string): Promise<void> {
    const path = `/devices/${encodeURIComponent(id)}/tokens/${encodeURIComponent(tokenId)}`;
    return this.#call('DELETE', path);
  }

  apiTokens(): AsyncGenerator<ApiTokenView> {
    return this.#pages('/tokens', {});
  }

  /** Makes an API token; `token` is shown this once. */
  addApiToken(token: NewApiToken): Promise<IssuedApiToken> {
    return this.#call('POST', '/tokens', token);
  }

  revokeApiToken(id: string): Promise<void> {
    return this.#call('DELETE', `/tokens/${encodeURIComponent(id)}`);
  }

  /** Makes a one-time code that logs a browser in, as whoever's token this is. */
  makeLoginLink(): Promise<LoginLink> {
    return this.#call('POST', '/session/links');
  }

  users(): AsyncGenerator<UserView> {
    return this.#pages('/users', {});
  }

  addUser(user: NewUser): Promise<UserView> {
    return this.#call('POST', '/users', user);
  }

  changeUser(name: string, changes: UserChanges): Promise<UserView> {
    return this.#call('PATCH', `/users/${encodeURIComponent(name)}`, changes);
  }

  removeUser(name: string): Promise<void> {
    return this.#call('DELETE', `/users/${encodeURIComponent(name)}`);
  }

  claims(): AsyncGenerator<ClaimView> {
    return this.#pages('/claims', {});
  }

  /** Makes a claim key; `claim` is shown this once. */
  addClaim(claim: NewClaim): Promise<IssuedClaim> {
    return this.#call('POST', '/claims', claim);
  }

  revokeClaim(id: string): Promise<void> {
    return this.#call('DELETE', `/claims/${encodeURIComponent(id)}`);
  }

  /** Devices that wait to be let in. */
  pendingDevices(): AsyncGenerator<EnrolmentView> {
    return this.#pages('/claims/pending', {});
  }

  approveDevice(id: string): Promise<EnrolmentView> {
    return this.#call('POST', `/claims/pending/${encodeURIComponent(id)}/approve`);
  }

  rejectDevice(id: string): Promise<void> {
    return this.#call('POST', `/claims/pending/${encodeURIComponent(id)}/reject`);
  }

  async *#pages<Item>(path: string, filter: Readonly<Record<string, string>>): AsyncGenerator<Item> {
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ ...filter, limit: String(PAGE) });
      if (cursor !== null) query.set('cursor', cursor);
      const page: Page<Item> = await this.#call('GET', `${path}?${query}`);
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  /** The answer is trusted to have the shape that the API's OpenAPI document gives it. */
  async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { url, token } = this.connection;
    const response = await this.#send(`${url}/api/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = await this.#json(response);
    if (!response.ok) throw this.#refusal(response.status, answer);
    return answer as Answer;
  }

  async #send(url: string, request: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(url, request);
    } catch (error) {
      throw unreachable(this.connection.url, error);
    }
  }

  async #json(response: Response): Promise<unknown> {
    try {
      const text = await response.text();
      return text === '' ? undefined : JSON.parse(text);
    } catch (error) {
      if (!response.ok) return undefined;
      throw new CliError(`What answers at ${this.connection.url} does not look like a hub.`, {
        cause: error,
      });
    }
  }

  #refusal(status: number, problem: unknown): CliError {
    const { detail, code } = readProblem(problem);
    const said = detail ?? `The hub answered HTTP ${status}.`;
    const message = code === undefined || said.includes(code) ? said : `${said} (${code})`;
    const { token, tokenSource } = this.connection;
    if (status === 401 && token === undefined) {
      return new CliError('The hub wants an API token, and none was found.', {
        exitCode: EXIT.unauthorised,
        hint: `Set FIELDLINE_API_TOKEN, or run this where the hub's data directory is: ${tokenSource} is not there.`,
      });
    }
    if (status === 401 || status === 403) {
      return new CliError(`${message}\nThe token used was ${masked(token)} from ${tokenSource}.`, {
        exitCode: EXIT.unauthorised,
        hint:
          status === 401
            ? 'It may have been revoked, have expired, or belong to another hub.'
            : 'Its role is too low for this.',
      });
    }
    return new CliError(message, { exitCode: exitCodeOf(status) });
  }
}

function exitCodeOf(status: number): ExitCode {
  return status === 404 ? EXIT.notFound : EXIT.failed;
}

/** Enough of a token to recognise it, too little to use it. */
function masked(token: string | undefined): string {
  return token === undefined ? 'none' : `${token.slice(0, 8)}…`;
}

/** What Node and OpenSSL call a certificate that will not do. */
const DISTRUST = /CERT|UNABLE_TO_VERIFY/;

/** Why nothing answered, and what to do about it. */
export function unreachable(url: string, error: unknown): CliError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new CliError(`The hub at ${url} did not answer within ${TIMEOUT_MS / 1000} s.`, {
      exitCode: EXIT.unreachable,
      cause: error,
    });
  }
  if (code !== undefined && DISTRUST.test(code)) {
    return new CliError(`The certificate of the hub at ${url} is not trusted: ${causeText(cause)}.`, {
      exitCode: EXIT.unreachable,
      hint:
        'Give the authority that signed it (NODE_EXTRA_CA_CERTS=ca.crt), and use a name that it is for: ' +
        'FIELDLINE_URL=https://hub.example:8443',
      cause: error,
    });
  }
  const reason = code === 'ECONNREFUSED' ? 'the connection was refused' : causeText(cause);
  return new CliError(`No hub answers at ${url}: ${reason}.`, {
    exitCode: EXIT.unreachable,
    hint: 'Start it with `fieldline start`, or say where it is: FIELDLINE_URL=http://host:8080',
    cause: error,
  });
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
