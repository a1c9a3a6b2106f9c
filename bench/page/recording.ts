import type { Page } from 'playwright-core';

/** What the hub answered to one address. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Without it the page would not be measured under the policy that it runs under. */
  readonly policy: string;
  readonly body: Uint8Array;
}

/** All that a page got from a hub until it knew every device. */
export interface Recording {
  /** When it was made, ms since 1970: who replays it moves the times in it on. */
  readonly atMs: number;
  /** By path and query. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** The frames of the snapshot, in their order. */
  readonly snapshot: readonly string[];
}

/** Writes down what a page gets. To be made before the page goes anywhere. */
export class Recorder {
  readonly #answers = new Map<string, Answer>();
  readonly #snapshot: string[] = [];
  readonly #bodies: Promise<unknown>[] = [];
  readonly #whole: Promise<void>;

  constructor(page: Page) {
    page.on('response', (response) => {
      if (response.request().method() !== 'GET') return;
      const { pathname, search } = new URL(response.url());
      const { 'content-type': contentType = '', 'content-security-policy': policy = '' } = response.headers();
      const kept = response.body().then(
        (body) =>
          this.#answers.set(pathname + search, { status: response.status(), contentType, policy, body }),
        // The page was closed while it came.
        () => undefined,
      );
      this.#bodies.push(kept);
    });
    this.#whole = new Promise((resolve) => {
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          const frame = String(payload);
          if (!frame.startsWith('{"type":"snapshot"')) return;
          this.#snapshot.push(frame);
          if (frame.endsWith('"more":false}')) resolve();
        }),
      );
    });
  }

  /** Resolves once the snapshot is whole and every answer has come. */
  async finish(): Promise<Recording> {
    await this.#whole;
    await Promise.all(this.#bodies);
    return { atMs: Date.now(), answers: this.#answers, snapshot: this.#snapshot };
  }
}
