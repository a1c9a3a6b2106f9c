import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../figure.js';
import { BareProcess } from './bare-process.js';
import { LoadProcess } from './load-process.js';

/** The bare server with a load generator of its own: what everything else is measured against. */
export class BareLoad {
  readonly #bare: BareProcess;
  readonly #load: LoadProcess;

  private constructor(bare: BareProcess, load: LoadProcess) {
    this.#bare = bare;
    this.#load = load;
  }

  static async start(bench: Bench, connections: number): Promise<BareLoad> {
    const bare = await BareProcess.start();
    bench.defer(() => bare.close());
    const load = new LoadProcess();
    bench.defer(() => load.close());
    const devices = Array.from({ length: connections }, (_, at) => ({ id: `bare-${at}`, token: 'none' }));
    await load.perform({ do: 'connect', url: bare.url, devices, hello: false });
    return new BareLoad(bare, load);
  }

  get pid(): number {
    return this.#bare.pid;
  }

  /** Resolves to how many messages it has parsed. */
  async send(rate: number, durationMs: number): Promise<number> {
    const before = await this.#bare.parsed();
    await this.#load.perform({ do: 'send', rate, durationMs });
    await delay(100);
    return (await this.#bare.parsed()) - before;
  }
}
