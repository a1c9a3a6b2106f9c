import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** The bare server (bare-server.ts) in a process of its own. */
export class BareProcess {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.url = `ws://127.0.0.1:${port}`;
  }

  static async start(): Promise<BareProcess> {
    const child = fork(new URL('./bare-server.js', import.meta.url));
    const [{ port }]: { port: number }[] & [{ port: number }] = (await once(child, 'message')) as [
      { port: number },
    ];
    return new BareProcess(child, port);
  }

  /** How many messages it has parsed since its start. */
  async parsed(): Promise<number> {
    const answered = once(this.#child, 'message');
    this.#child.send('parsed?');
    const [{ parsed }] = (await answered) as [{ parsed: number }];
    return parsed;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
