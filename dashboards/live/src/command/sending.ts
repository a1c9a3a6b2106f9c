import { ApiError } from '../api/client.js';

/** How a try to send went. `unanswered`: the hub may have taken it. */
export type Sent<Taken> =
  | { readonly kind: 'taken'; readonly taken: Taken }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unanswered' };

/**
 * Sends one wish, once: after a try that was not answered the same request goes out again, under the same key, so that
 * the hub takes it at most once. After a refusal the next try is a new request.
 */
export class Sending<Body, Taken> {
  readonly #send: (body: Body, key: string) => Promise<Taken>;
  readonly #newKey: () => string;
  #open: { readonly body: Body; readonly key: string } | null = null;

  constructor(send: (body: Body, key: string) => Promise<Taken>, newKey: () => string) {
    this.#send = send;
    this.#newKey = newKey;
  }

  async try(body: Body): Promise<Sent<Taken>> {
    this.#open ??= { body, key: this.#newKey() };
    try {
      const taken = await this.#send(this.#open.body, this.#open.key);
      this.#open = null;
      return { kind: 'taken', taken };
    } catch (error) {
      // A proxy's 502 or 504 tells no more of what the hub did than silence.
      if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) {
        return { kind: 'unanswered' };
      }
      this.#open = null;
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }
}

/** A key that nobody else uses. `randomUUID` is missing on plain HTTP off loopback; random bytes are not. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
