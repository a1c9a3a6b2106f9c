import { type AttemptKind, type AttemptView, isDeviceId } from '@fieldline/protocol';
import { networkOf } from '../access/network.js';
import { looksSecret, newId } from '../access/secret.js';
import { Counters } from '../ops/counters.js';
import { readToken } from './token-fault.js';

/** A try that was refused, as whoever refused it knows it. */
export interface FailedAttempt {
  readonly kind: AttemptKind;
  /** What it called itself, true or not. */
  readonly device?: string | null | undefined;
  readonly address: string;
  readonly via: AttemptView['via'];
  readonly code: string;
  readonly message: string;
  /** The path or topic that it asked for. It may hold secrets: they are taken out here. */
  readonly detail?: string | null;
  /** The token that was refused. It is looked at, and not kept. */
  readonly token?: string | undefined;
}

export interface AttemptsOptions {
  readonly now?: () => number;
  readonly counters?: Pick<Counters, 'attemptsForgotten'>;
  /** How many are kept; beyond it the one is forgotten that was not seen for the longest time. */
  readonly limit?: number;
  /** The same for one address, so that a scanner does not push out what others did. */
  readonly limitPerAddress?: number;
}

const KEPT_MS = 3_600_000;
const MAX_DETAIL = 200;
const MAX_MESSAGE = 300;
const MAX_CODE = 64;
/** Whatever looks like one of our secrets, also with its end cut off; and what a URL may hold under these names. */
const SECRETS = /\bfl[a-z]_[\w-]{4,}/g;
const PARAMETERS = /([?&](?:[a-z_]*token|[a-z_]*key|ticket|code|password|claim|poll|auth)=)[^&#\s]*/gi;
/** What sits between `//` and `@`. */
const USER_INFO = /(\/\/)[^/@\s]+@/g;

/**
 * What was refused of late to those who wanted to be devices, so that the page can say why a new device does not
 * appear. In memory only, for an hour, and without any secret; the same again only counts up.
 */
export class Attempts {
  readonly #now: () => number;
  readonly #limit: number;
  readonly #limitPerAddress: number;
  /** By what makes two attempts the same; the one that was seen last at the end. */
  readonly #attempts = new Map<string, AttemptView & { readonly network: string }>();
  readonly #counters: Pick<Counters, 'attemptsForgotten'>;

  constructor({
    now = Date.now,
    counters = new Counters(),
    limit = 500,
    limitPerAddress = 50,
  }: AttemptsOptions = {}) {
    this.#now = now;
    this.#counters = counters;
    this.#limit = limit;
    this.#limitPerAddress = limitPerAddress;
  }

  get size(): number {
    return this.#attempts.size;
  }

  /** Takes note of one. Never throws. */
  note(failed: FailedAttempt): void {
    const now = this.#now();
    this.#dropOld(now);
    const device = isDeviceId(failed.device) && !looksSecret(failed.device) ? failed.device : null;
    const detail = failed.detail == null ? null : cleaned(failed.detail);
    const network = networkOf(failed.address);
    const { tokenFault, tokenLength } = readToken(failed.token);
    const key = JSON.stringify([failed.kind, device, network, failed.via, failed.code, detail, tokenFault]);
    const before = this.#attempts.get(key);
    this.#attempts.delete(key);
    if (before === undefined) this.#makeRoom(network);
    this.#attempts.set(key, {
      id: before?.id ?? newId(),
      kind: failed.kind,
      device,
      address: failed.address,
      via: failed.via,
      code: failed.code.slice(0, MAX_CODE),
      message: redacted(failed.message).slice(0, MAX_MESSAGE),
      detail,
      ...{ tokenFault, tokenLength },
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
      network,
    });
  }

  /**
   * Those of the last hour, the last seen first.
   * @param since ms since 1970: only those that were seen then or later
   */
  list(since = 0): AttemptView[] {
    this.#dropOld(this.#now());
    return [...this.#attempts.values()]
      .filter(({ lastAt }) => lastAt >= since)
      .reverse()
      .map(({ network: _, ...view }) => view);
  }

  #dropOld(now: number): void {
    for (const [key, { lastAt }] of this.#attempts) {
      if (now - lastAt < KEPT_MS) return;
      this.#attempts.delete(key);
    }
  }

  #makeRoom(network: string): void {
    const siblings = [...this.#attempts].filter(([, one]) => one.network === network);
    const oldest = siblings.length >= this.#limitPerAddress ? siblings[0] : undefined;
    const [first] = this.#attempts;
    const victim = oldest ?? (this.#attempts.size >= this.#limit ? first : undefined);
    if (victim === undefined) return;
    this.#attempts.delete(victim[0]);
    this.#counters.attemptsForgotten++;
  }
}

/** What a refused log-in is, by the status that it was refused with. */
export function kindOfRefusal(status: number): 'bad_token' | 'device_disabled' | 'too_many' {
  if (status === 429) return 'too_many';
  return status === 403 ? 'device_disabled' : 'bad_token';
}

function cleaned(detail: string): string {
  return redacted(detail).slice(0, MAX_DETAIL);
}

function redacted(text: string): string {
  return text
    .replace(PARAMETERS, '$1[redacted]')
    .replace(USER_INFO, '$1[redacted]@')
    .replace(SECRETS, '[redacted]');
}
