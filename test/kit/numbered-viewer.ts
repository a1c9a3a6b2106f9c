import type { RawData } from 'ws';
import { Progress } from './progress.js';
import { ViewerClient } from './viewer-client.js';

/** A viewer that follows numbered devices on the live socket. */
export class NumberedViewer {
  readonly progress = new Progress('the viewer');
  readonly #viewer: ViewerClient;

  private constructor(viewer: ViewerClient) {
    this.#viewer = viewer;
  }

  static async connect(url: string): Promise<NumberedViewer> {
    const viewer = await ViewerClient.connect(url);
    const numbered = new NumberedViewer(viewer);
    viewer.socket.on('message', (data: RawData) => numbered.#take(String(data)));
    await viewer.subscribe(1, { devices: '*', metrics: ['n'] });
    return numbered;
  }

  close(): void {
    this.#viewer.close();
  }

  #take(text: string): void {
    const message = JSON.parse(text) as { type: string; readings?: [string, number, { n?: number }][] };
    for (const [device, , { n }] of message.readings ?? []) this.progress.see(device, n ?? 0);
  }
}
