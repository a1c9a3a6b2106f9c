import type { Page } from '../http/page.js';
import type { CallOptions, HubTransport } from './hub-transport.js';

/** The most that the hub gives at a time is 1,000. */
const PAGE = 500;

export interface PageOptions {
  /** At most 1,000; 100 by default. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A list that the hub gives page by page: iterate over all of it, or ask for one page. */
export class Listing<Item> implements AsyncIterable<Item> {
  readonly #transport: HubTransport;
  readonly #path: string;
  readonly #query: NonNullable<CallOptions['query']>;

  constructor(transport: HubTransport, path: string, query: NonNullable<CallOptions['query']> = {}) {
    this.#transport = transport;
    this.#path = path;
    this.#query = query;
  }

  /** @param cursor `next` of the page before; undefined for the first */
  page(cursor?: string, { limit, signal }: PageOptions = {}): Promise<Page<Item>> {
    return this.#transport.call('GET', this.#path, { query: { ...this.#query, limit, cursor }, signal });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    let cursor: string | undefined;
    do {
      const page: Page<Item> = await this.page(cursor, { limit: PAGE });
      yield* page.items;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }
}
