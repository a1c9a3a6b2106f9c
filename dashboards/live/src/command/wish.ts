import type { NewCommand } from '@fieldline/protocol/browser';

/** Something that an operator wants of a device, before it is confirmed. */
export interface Wish {
  readonly name: string;
  /** The profile's; null without one. */
  readonly title: string | null;
  readonly description: string | null;
  readonly params: NewCommand['params'] & object;
  /** The one parameter in words, for the question: "3.5 °C"; '' for none or several. */
  readonly value: string;
  /** No second command undoes it. */
  readonly danger: boolean;
  /** It repeats a command whose outcome is unknown. */
  readonly again: boolean;
}
