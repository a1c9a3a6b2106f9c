import { HubApi, HubApiError, readProblem } from '@fieldline/protocol';
import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT, type ExitCode } from './exit-codes.js';

const TIMEOUT_MS = 10_000;
/** Until a download begins: what it takes a hub to get it ready. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

/** The hub's HTTP API as the command line uses it: every failure is a {@link CliError} that says what to do. */
export class HubClient extends HubApi {
  readonly connection: Connection;
  readonly #fetch: typeof fetch;

  constructor(connection: Connection, fetcher: typeof fetch = fetch) {
    const { url, token } = connection;
    super({
      url,
      token,
      fetch: fetcher,
      timeoutMs: TIMEOUT_MS,
      translate: (error) => failure(connection, error),
    });
    this.connection = connection;
    this.#fetch = fetcher;
  }

  /**
   * The body of an answer that may be large, as it comes. Ending it is up to the caller: by `signal`, or by cancelling it.
   * @param path below `/api/v1`, its parts escaped
   * @throws CliError
   */
  async download(
    method: 'GET' | 'POST',
    path: string,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const { url, token } = this.connection;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), DOWNLOAD_TIMEOUT_MS);
    try {
      const response = await this.#fetch(`${url}/api/v1${path}`, {
        method,
        ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
        signal: AbortSignal.any(signal === undefined ? [late.signal] : [late.signal, signal]),
      });
      const { ok, status, statusText, body } = response;
      if (ok && body !== null) return body;
      const { code, detail } = readProblem(await response.json().catch(() => undefined));
      throw new HubApiError(code ?? `http_${status}`, status, detail ?? statusText);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      const error =
        cause instanceof HubApiError
          ? cause
          : new HubApiError('unreachable', 0, 'the hub does not answer', { cause });
      throw failure(this.connection, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function failure({ url, token, tokenSource }: Connection, error: HubApiError): CliError {
  const { code, status, message: said, cause } = error;
  if (status === 0) return unreachable(url, cause);
  if (code === 'not_a_hub') return notAHub(url, cause);
  if (status === 401 && token === undefined) {
    return new CliError('The hub wants an API token, and none was found.', {
      exitCode: EXIT.unauthorised,
      hint: `Set FIELDLINE_API_TOKEN, or run this where the hub's data directory is: ${tokenSource} is not there.`,
    });
  }
  // A hub's refusals have a code of their own; a proxy before it may say 401, 403 and 5xx without one.
  if (code === `http_${status}` && status < 500 && status !== 401 && status !== 403)
    return notAHub(url, error);
  const message = said.includes(code) ? said : `${said} (${code})`;
  if (status === 401 || status === 403) {
    return new CliError(`${message}\nThe token used was ${masked(token)} from ${tokenSource}.`, {
      exitCode: EXIT.unauthorised,
      hint:
        status === 401
          ? 'It may have been revoked, have expired, or belong to another hub.'
          : 'Its role is too low for this.',
    });
  }
  return new CliError(message, { exitCode: exitCodeOf(status), cause: error });
}

function exitCodeOf(status: number): ExitCode {
  return status === 404 ? EXIT.notFound : EXIT.failed;
}

/** Enough of a token to recognise it, too little to use it. */
function masked(token: string | undefined): string {
  return token === undefined ? 'none' : `${token.slice(0, 8)}…`;
}

/** Something answers, and it is something else. */
export function notAHub(url: string, cause?: unknown): CliError {
  return new CliError(`What answers at ${url} does not look like a Fieldline hub.`, {
    hint: 'Say where it is: FIELDLINE_URL=http://host:8080',
    cause,
  });
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
  // A port that speaks TLS ends a connection that does not, without a word.
  if (url.startsWith('http:') && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')) {
    return new CliError(`What listens at ${url} closed the connection without an answer.`, {
      exitCode: EXIT.unreachable,
      hint: 'Does it speak TLS? Then its address begins with https: FIELDLINE_URL=https://hub.example:8443',
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
