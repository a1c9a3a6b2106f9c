import nodemailer from 'nodemailer';
import type { Config } from '../../config.js';
import { digestText } from '../notice.js';
import { type Channel, ChannelError, type Message } from './channel.js';

export type EmailConfig = Config['alarms']['email'] & { readonly host: string };

const TIMEOUT_MS = 15_000;
/** A digest names so many of its alarms. */
const NAMED = 50;

/** What of nodemailer's transport is used. */
interface Transport {
  sendMail(mail: object): Promise<unknown>;
  close(): void;
}

/** Sends alarms as plain e-mails over SMTP. What clears is told, too; that somebody has seen it is not. */
export class Email implements Channel {
  readonly name = 'email';
  readonly perMinute: number;
  readonly target: string;
  readonly #config: EmailConfig;
  readonly #link: string;
  readonly #transport: Transport;

  /** @param link where the page shows alarms */
  constructor(config: EmailConfig, perMinute: number, link: string) {
    this.perMinute = perMinute;
    this.target = config.to.join(', ');
    this.#config = config;
    this.#link = link;
    this.#transport = nodemailer.createTransport({
      ...{ host: config.host, port: config.port, secure: config.tls === 'always' },
      ...{ requireTLS: config.tls === 'starttls', ignoreTLS: config.tls === 'off' },
      ...(config.user === null ? {} : { auth: { user: config.user, pass: config.password ?? '' } }),
      ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    }) as Transport;
  }

  wants(event: string): boolean {
    return event === 'raised' || event === 'cleared';
  }

  send({ id, notices }: Message): Promise<void> {
    const [first] = notices;
    const subject = notices.length === 1 ? (first?.text ?? '') : digestText(notices);
    const lines = notices.slice(0, NAMED).map(({ text, at }) => `${stamp(at)}  ${text}`);
    if (notices.length > NAMED) lines.push(`… and ${notices.length - NAMED} more`);
    return this.#mail(id, subject, [...lines, '', this.#link].join('\n'));
  }

  test(): Promise<void> {
    const text = 'A test of Fieldline’s alarms.';
    return this.#mail(`test-${Date.now()}`, text, [text, '', this.#link].join('\n'));
  }

  close(): void {
    this.#transport.close();
  }

  async #mail(id: string, subject: string, text: string): Promise<void> {
    const { from, to, host } = this.#config;
    try {
      await this.#transport.sendMail({
        ...{ from, to: [...to], subject, text, messageId: `<${id}@fieldline>` },
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Fieldline-Id': id },
      });
    } catch (error) {
      throw new ChannelError(`${host}: ${whyNot(error)}`, { cause: error });
    }
  }
}

function stamp(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** The server's own words, on one line. */
function whyNot(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 300);
}
