import type { Reading } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../../devices/device.js';
import { prefixText } from '../../sinks/influx/line-protocol.js';
import { Requests } from '../../sinks/influx/requests.js';
import { urlCredential } from '../../sinks/url-credential.js';
import { valuesText } from './values-text.js';

export interface GrafanaLiveOptions {
  /** Of Grafana; it may have a path. */
  readonly url: string;
  /** A secret: it belongs into no log. */
  readonly token: string | null;
  readonly periodMs: number;
  readonly devices: { get(id: string): Device | undefined };
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  readonly fetch?: typeof fetch;
}

/** The stream's id. What is pushed for a device is on the channel `stream/fieldline/<device>`. */
const STREAM = 'fieldline';
const TIMEOUT_MS = 5_000;
/** How long it rests after a failure. */
const REST_MS = 5_000;
/** Devices of one request; the others come with the next. */
const AT_ONCE = 1_000;

/**
 * Pushes the latest values of devices to Grafana Live (`POST /api/live/push/<stream>`, line protocol), for panels that
 * move as readings come. What is shown and gone: nothing waits for it, and nothing is made up for.
 *
 * Each device has a channel of its own, and each push holds all its metrics that have a value: Grafana sends a schema to
 * its viewers again whenever it changes, so it changes only when a metric is new.
 */
export class GrafanaLive {
  readonly #options: GrafanaLiveOptions;
  readonly #url: URL;
  readonly #authorization: string | undefined;
  readonly #requests = new Requests(() => new Error('closed'));
  /** Devices with news, in the order of their first. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isPushing = false;
  #restsUntil = 0;
  #trouble = false;

  constructor(options: GrafanaLiveOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#authorization = authorizationOf(options.token, this.#url);
    // fetch refuses an address with credentials, and repeats them in its error.
    this.#url.username = '';
    this.#url.password = '';
    this.#url.pathname = `${this.#url.pathname.replace(/\/+$/, '')}/api/live/push/${STREAM}`;
  }

  open(): void {
    this.#timer = setInterval(() => void this.push(), this.#options.periodMs);
    this.#timer.unref();
  }

  /** Takes what has just become durable, after the devices took it. */
  take(readings: readonly Reading[]): void {
    for (const { device } of readings) this.#changed.add(device);
  }

  /** Pushes what is new, unless a push is under way or the last one failed just now. Never throws. */
  async push(): Promise<void> {
    if (this.#isPushing || this.#changed.size === 0 || performance.now() < this.#restsUntil) return;
    this.#isPushing = true;
    const ids = [...this.#changed].slice(0, AT_ONCE);
    for (const id of ids) this.#changed.delete(id);
    try {
      const lines = ids.flatMap((id) => this.#line(id) ?? []);
      if (lines.length > 0) await this.#post(lines.join(''));
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isPushing = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#requests.close();
  }

  #line(id: string): string | undefined {
    const device = this.#options.devices.get(id);
    if (device === undefined) return undefined;
    const { text, timeUs } = valuesText(device.metrics);
    // Grafana takes nanoseconds.
    return text === '' ? undefined : `${prefixText(id, {})} ${text} ${timeUs}000\n`;
  }

  #post(body: string): Promise<void> {
    const { fetch: ask = fetch } = this.#options;
    const authorization = this.#authorization === undefined ? {} : { authorization: this.#authorization };
    return this.#requests.run(
      { timeoutMs: TIMEOUT_MS, late: () => new Error(`no answer within ${TIMEOUT_MS} ms`) },
      async (signal) => {
        const headers = { 'content-type': 'text/plain; charset=utf-8', ...authorization };
        // The token must not follow a redirection to somewhere else.
        const response = await ask(this.#url, { method: 'POST', headers, body, redirect: 'manual', signal });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`it answered ${response.status}`);
      },
      (error) => (error instanceof Error ? error : new Error(String(error))),
    );
  }

  #failed(error: unknown): void {
    this.#restsUntil = performance.now() + REST_MS;
    if (this.#trouble) return;
    this.#trouble = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log.warn({ reason, url: this.#url.origin }, 'Grafana Live does not take readings');
  }

  #recovered(): void {
    if (!this.#trouble) return;
    this.#trouble = false;
    this.#options.log.info({ url: this.#url.origin }, 'Grafana Live takes readings again');
  }
}

/** The token, or what stands in the address; else nothing. */
function authorizationOf(token: string | null, { username, password }: URL): string | undefined {
  if (token !== null) return `Bearer ${token}`;
  if (username === '' && password === '') return undefined;
  const pair = `${urlCredential(username)}:${urlCredential(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
