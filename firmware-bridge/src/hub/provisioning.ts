import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from './hub-link.js';
import { readIdentity, type StoredIdentity, writeIdentity } from './identity-file.js';

/** Waits between tries: from the first to the longest, doubled each time. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;

export interface ProvisioningOptions {
  readonly url: string;
  readonly claimKey: string;
  /** Where the identity is kept. */
  readonly file: string;
  /** What names the board for good; undefined leaves it to chance. May take as long as the board is away. */
  hardwareId(): Promise<string | undefined>;
  /** Something that somebody should know of, of a kind that may come often. */
  warn(kind: string, message: string): void;
  readonly fetch?: typeof fetch;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What the hub made of a request. */
type Outcome = { readonly identity: Identity } | { readonly retryInMs?: number };

/**
 * Gets a board its id and its token by a claim key (protocol of `POST /api/v1/provision`): once, and kept on the disk.
 * It goes on for as long as it takes: while the hub is away, and until an operator has let the board in.
 */
export class Provisioning {
  readonly #options: ProvisioningOptions;
  readonly #stop = new AbortController();

  constructor(options: ProvisioningOptions) {
    this.#options = options;
  }

  /** Undefined after `close`. @throws Error when the file cannot be read or written */
  async identity(): Promise<Identity | undefined> {
    const { file, hardwareId } = this.#options;
    let stored = await readIdentity(file);
    if (stored?.device !== undefined && stored.token !== undefined) return identityOf(stored);
    if (stored === undefined) {
      // Kept before it is used: the exchange may be repeated with the same name only.
      stored = { hardwareId: (await hardwareId()) ?? `bridge-${randomBytes(8).toString('hex')}` };
      writeIdentity(file, stored);
    }
    for (
      let waitMs = FIRST_WAIT_MS;
      !this.#stop.signal.aborted;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    ) {
      const outcome = await this.#ask(stored);
      if ('identity' in outcome) return outcome.identity;
      stored = (await readIdentity(file)) ?? stored;
      await this.#wait(outcome.retryInMs ?? waitMs);
    }
    return undefined;
  }

  close(): void {
    this.#stop.abort();
  }

  async #ask(stored: StoredIdentity): Promise<Outcome> {
    const { url, claimKey, file, warn, fetch: ask = fetch } = this.#options;
    const { hardwareId, poll } = stored;
    let response: Response;
    let answer: Record<string, unknown>;
    try {
      response = await ask(`${url}/api/v1/provision`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(poll === undefined ? { claim: claimKey, hardwareId } : { poll }),
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      answer = (await response.json()) as Record<string, unknown>;
    } catch (error) {
      if (!this.#stop.signal.aborted)
        warn('claim', `the hub cannot be asked for a token: ${reasonOf(error)}`);
      return {};
    }
    const { id, token, code, title, retryAfter } = answer;
    if (response.status === 201 && typeof id === 'string' && typeof token === 'string') {
      writeIdentity(file, { hardwareId, device: id, token });
      return { identity: { device: id, token } };
    }
    if (response.status === 202) {
      warn('claim', `the board ${hardwareId} waits at the hub until an operator lets it in`);
      if (typeof answer.poll === 'string') writeIdentity(file, { hardwareId, poll: answer.poll });
      return { retryInMs: typeof retryAfter === 'number' ? retryAfter : LONGEST_WAIT_MS };
    }
    warn('claim', `the hub gives no token for ${hardwareId}: ${String(code ?? title ?? response.status)}`);
    // A question that the hub has forgotten, or answered already, is put from the beginning.
    if (poll !== undefined && response.status >= 400 && response.status < 500 && response.status !== 429) {
      writeIdentity(file, { hardwareId });
    }
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return seconds > 0 ? { retryInMs: seconds * 1_000 } : {};
  }

  async #wait(ms: number): Promise<void> {
    const { wait = (time: number, signal: AbortSignal) => delay(time, undefined, { signal }) } =
      this.#options;
    await wait(ms, this.#stop.signal).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }
}

function identityOf({ device = '', token = '' }: StoredIdentity): Identity {
  return { device, token };
}

/** `fetch` says "fetch failed", and the reason is its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
