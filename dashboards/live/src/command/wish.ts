import type { CommandView, NewCommand } from '@fieldline/protocol/browser';
import { ApiError } from '../api/client.js';

/** Something that an operator wants of a device, before it is confirmed. */
export interface Wish {
  readonly name: string;
  /** The profile's; null without one. */
  readonly title: string | null;
  readonly description: string | null;
  readonly params: NewCommand['params'] & object;
  /** The one parameter in words, for the question: "3.5 °C"; '' for none or several. */
  readonly value: string;
  /** It repeats a command whose outcome is unknown. */
  readonly again: boolean;
}

/** How a try to send went. `unanswered`: the hub may have taken it. */
export type Sent =
  | { readonly kind: 'taken'; readonly command: CommandView }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unanswered' };

type Send = (body: NewCommand, key: string) => Promise<CommandView>;

/**
 * Sends one wish, once: after a try that was not answered the same request goes out again, under the same key, so that
 * the hub takes it at most once. After a refusal the next try is a new request.
 */
export class Sending {
  readonly #send: Send;
  readonly #newKey: () => string;
  #open: { readonly body: NewCommand; readonly key: string } | null = null;

  constructor(send: Send, newKey: () => string) {
    this.#send = send;
    this.#newKey = newKey;
  }

  async try(body: NewCommand): Promise<Sent> {
    this.#open ??= { body, key: this.#newKey() };
    try {
      const command = await this.#send(this.#open.body, this.#open.key);
      this.#open = null;
      return { kind: 'taken', command };
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
