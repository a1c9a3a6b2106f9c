import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { deadline } from './deadline.js';

export interface MosquittoClientOptions {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId?: string;
  /** 1 by default. */
  readonly qos?: 0 | 1;
  /** More arguments, such as `['-V', 'mqttv5']`. */
  readonly args?: readonly string[];
}

/** A message as `mosquitto_sub` got it. */
export interface SubscribedMessage {
  readonly topic: string;
  readonly retained: boolean;
  readonly qos: number;
  readonly payload: Buffer;
}

/** Debian's `mosquitto_sub` as a process of its own, which keeps all that it gets. */
export class MosquittoSub {
  readonly messages: SubscribedMessage[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiters = new Set<() => void>();
  #isSubscribed = false;
  #words = '';

  /** @param options `persistent` keeps its session at the broker while it is away; it needs a client id */
  constructor(
    topics: readonly string[],
    options: MosquittoClientOptions & { readonly persistent?: boolean },
  ) {
    const args = [
      ...connectionArgs(options),
      ...topics.flatMap((topic) => ['-t', topic]),
      ...(options.persistent ? ['-c'] : []),
      // Messages are told from its own words by their first two characters; `%x` keeps any payload on one line.
      ...['-d', '-F', '> %r %q %t %x'],
    ];
    // It writes whole blocks into a pipe, unless it is told otherwise.
    this.#child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
  }

  /** Resolves once the broker has taken the subscription. */
  subscribed(): Promise<void> {
    return this.#until(
      () => this.#isSubscribed,
      () => `mosquitto_sub to subscribe: ${this.#words}`,
    );
  }

  /** Resolves with the first message, of those there are and those to come, that `matches`. */
  async message(matches: (message: SubscribedMessage) => boolean, what: string): Promise<SubscribedMessage> {
    let found: SubscribedMessage | undefined;
    await this.#until(
      () => {
        found ??= this.messages.find(matches);
        return found !== undefined;
      },
      () => `${what}; got ${this.messages.map(({ topic, payload }) => `${topic} ${payload}`).slice(-10)}`,
    );
    return found as unknown as SubscribedMessage;
  }

  /** Resolves when `count` messages are there. */
  received(count: number, timeoutMs?: number): Promise<void> {
    return this.#until(
      () => this.messages.length >= count,
      () => `${count} messages; ${this.messages.length} are there`,
      timeoutMs,
    );
  }

  /** It reads nothing any more, and does not close its connection either. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGTERM');
    await this.#exit;
  }

  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  #take(line: string): void {
    const message = /^> ([01]) ([012]) (\S+) ?([0-9a-f]*)$/.exec(line);
    if (message === null) {
      this.#words = `${this.#words}\n${line}`.slice(-2_000);
      this.#isSubscribed ||= /^Subscribed \(mid/.test(line);
    } else {
      const [, retained, qos, topic = '', payload = ''] = message;
      this.messages.push({
        topic,
        retained: retained === '1',
        qos: Number(qos),
        payload: Buffer.from(payload, 'hex'),
      });
    }
    for (const check of [...this.#waiters]) check();
  }

  #until(isDone: () => boolean, what: () => string, timeoutMs?: number): Promise<void> {
    let check: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      check = () => {
        if (isDone()) resolve();
      };
    });
    this.#waiters.add(check);
    check();
    return deadline(done, what, timeoutMs).finally(() => this.#waiters.delete(check));
  }
}

/** Debian's `mosquitto_sub`, subscribed. */
export async function mosquittoSub(
  topics: readonly string[],
  options: MosquittoClientOptions & { readonly persistent?: boolean },
): Promise<MosquittoSub> {
  const sub = new MosquittoSub(topics, options);
  await sub.subscribed();
  return sub;
}

/**
 * Publishes by Debian's `mosquitto_pub`, one message per payload, and waits for the broker's confirmations.
 * Payloads must not contain newlines when there are several.
 * @returns its exit code and what it said
 */
export async function mosquittoPub(
  topic: string,
  payload: string | readonly string[],
  options: MosquittoClientOptions & { readonly retain?: boolean },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const several = typeof payload !== 'string';
  const args = [...connectionArgs(options), '-t', topic, ...(options.retain ? ['-r'] : [])];
  const child = spawn('mosquitto_pub', [...args, several ? '-l' : '-s'], { stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = once(child, 'close');
  child.stdin.on('error', () => undefined); // it was refused before it read everything
  child.stdin.end(several ? payload.map((line) => `${line}\n`).join('') : payload);
  const [code] = await deadline(exit, () => `mosquitto_pub to end: ${output}`);
  return { code: code as number | null, output };
}

function connectionArgs({ url, username, password, clientId, qos = 1, args = [] }: MosquittoClientOptions) {
  const { hostname, port } = new URL(url);
  return [
    ...['-h', hostname, '-p', port, '-q', String(qos)],
    ...(username === undefined ? [] : ['-u', username]),
    ...(password === undefined ? [] : ['-P', password]),
    ...(clientId === undefined ? [] : ['-i', clientId]),
    ...args,
  ];
}
