import { createHmac } from 'node:crypto';
import { digestText } from '../notice.js';
import { type Channel, ChannelError, type Message } from './channel.js';

export interface WebhookOptions {
  readonly url: string;
  /** Signs what is posted; null for no signature. */
  readonly secret: string | null;
  readonly authorization: string | null;
  readonly perMinute: number;
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 10_000;
/** Answers that say: not this message, now or later. */
const REFUSED = new Set([400, 413, 414, 415, 422]);

/**
 * Posts alarms as JSON, signed as Standard Webhooks says (https://www.standardwebhooks.com): `webhook-id`,
 * `webhook-timestamp`, and `webhook-signature` over both and the body. Redirects are not followed.
 */
export class Webhook implements Channel {
  readonly name = 'webhook';
  readonly perMinute: number;
  readonly target: string;
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.perMinute = options.perMinute;
    // What stands in the path or the query may be the secret.
    this.target = new URL(options.url).host;
  }

  wants(event: string): boolean {
    return event !== 'past';
  }

  send({ id, notices }: Message, signal: AbortSignal): Promise<void> {
    const [first] = notices;
    const body =
      notices.length === 1 ? { event: `alarm.${first?.event}`, ...withoutEvent(first) } : digest(notices);
    return this.#post(id, { id, ...body }, signal);
  }

  test(signal: AbortSignal): Promise<void> {
    const { now } = this.#options;
    const id = `test-${now()}`;
    return this.#post(
      id,
      { id, event: 'alarm.test', at: now(), text: 'A test of Fieldline’s alarms.' },
      signal,
    );
  }

  close(): void {}

  async #post(id: string, content: object, stop: AbortSignal): Promise<void> {
    const { url, secret, authorization, now, fetch: ask = fetch } = this.#options;
    const body = JSON.stringify(content);
    const timestamp = String(Math.floor(now() / 1_000));
    const target = new URL(url);
    const basic = target.username === '' ? null : basicOf(target);
    target.username = '';
    target.password = '';
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'Fieldline',
      'idempotency-key': id,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
    };
    const authorized = authorization ?? basic;
    if (authorized !== null) headers.authorization = authorized;
    if (secret !== null) headers['webhook-signature'] = sign(secret, `${id}.${timestamp}.${body}`);
    let answer: Response;
    try {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]);
      answer = await ask(target, { method: 'POST', headers, body, redirect: 'manual', signal });
    } catch (error) {
      throw new ChannelError(whyNot(error), { cause: error });
    }
    await answer.body?.cancel().catch(() => undefined);
    if (answer.ok) return;
    const { status } = answer;
    const what = status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'no success';
    throw new ChannelError(`answered ${status}: ${what}`, {
      isRefused: REFUSED.has(status),
      retryAfterMs: retryAfter(answer.headers.get('retry-after')),
    });
  }
}

/** @param secret a text, or `whsec_` and base64 */
export function sign(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

function withoutEvent(notice: Message['notices'][number] | undefined): object {
  if (notice === undefined) return {};
  const { event: _, ...rest } = notice;
  return rest;
}

function digest(notices: Message['notices']): object {
  const alarms = notices.map((notice) => ({ event: `alarm.${notice.event}`, ...withoutEvent(notice) }));
  return { event: 'alarm.digest', text: digestText(notices), count: notices.length, alarms };
}

function basicOf({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function retryAfter(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  return cause instanceof Error
    ? cause.message || ('code' in cause ? String(cause.code) : error.message)
    : error.message;
}
