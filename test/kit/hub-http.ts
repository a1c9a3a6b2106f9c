import type { HistoryView, Page, QuarantineItem, RegisteredDevice, ValuePoint } from '@fieldline/protocol';

/** An answer of the HTTP API. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. @throws SyntaxError where it is none */
  json<T = Record<string, unknown>>(): T;
}

export interface HttpRequest {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Null for none; the client's own by default. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with single readings. */
type RawHistory = Pick<HistoryView, 'next'> & { readonly points: readonly ValuePoint[] };

/** How long the hub lets a read wait, a little less. */
const HUB_WAITS_MS = 990;

/** A small client of the HTTP API, as anybody would write it. */
export class HubHttp {
  readonly #url: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(url: string, token: string, fetcher: typeof fetch = fetch) {
    this.#url = url;
    this.#token = token;
    this.#fetch = fetcher;
  }

  /** @param path below the address of the hub: `/api/v1/devices` */
  async request(path: string, { method, body, token, headers }: HttpRequest = {}): Promise<HttpAnswer> {
    const bearer = token === undefined ? this.#token : token;
    const response = await this.#fetch(`${this.#url}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: <T>() => JSON.parse(text) as T,
    };
  }

  /** The body of an answer that must be of the 200s. */
  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const answer = await this.request(path);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.json<T>();
  }

  /** Registers a device and answers its token. */
  async addDevice(id: string, rest: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.request('/api/v1/devices', { body: { id, ...rest } });
    if (answer.status !== 201) throw new Error(`device ${id}: ${answer.status} ${answer.text}`);
    return answer.json<RegisteredDevice>().token;
  }

  /** All values of a metric in the history, oldest first: `[time in ms, value]`. */
  async history(device: string, metric: string): Promise<ValuePoint[]> {
    const startedAt = performance.now();
    for (;;) {
      const askedAt = performance.now();
      const [answer] = await Promise.allSettled([this.#history(device, metric)]);
      // The hub waits a second for what was just acked to arrive in the history, and then answers without it: a
      // disk that took longer. It has to be quick by itself otherwise, so that this is no second try of a wrong answer.
      const mayBeShort = performance.now() - askedAt >= HUB_WAITS_MS;
      if (mayBeShort && performance.now() - startedAt < 20_000) continue;
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    }
  }

  async #history(device: string, metric: string): Promise<ValuePoint[]> {
    const points: ValuePoint[] = [];
    let cursor = '';
    for (;;) {
      const path = `/api/v1/devices/${device}/telemetry?metric=${metric}&from=0&to=${Date.now() + 3_600_000}&aggregate=raw&points=10000`;
      const page = await this.get<RawHistory>(path + cursor);
      points.push(...page.points);
      if (page.next === null) return points;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
  }

  /** The values that were refused for a device, newest first. */
  async quarantine(device: string): Promise<readonly QuarantineItem[]> {
    return (await this.get<Page<QuarantineItem>>(`/api/v1/devices/${device}/quarantine`)).items;
  }
}
