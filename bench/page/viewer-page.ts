import { type Browser, chromium, type Page } from 'playwright-core';
import type { Bench } from '../figure.js';
import { type CpuShare, cpuShare } from './browser-cpu.js';
import { Recorder } from './recording.js';

const CHROMIUM = '/usr/bin/chromium';

/** Whose page it is; without a token nobody logs in. */
export interface Place {
  readonly url: string;
  readonly adminToken?: string;
}

/** The live page in a browser, logged in as the admin; closed after the figure. */
export class ViewerPage {
  readonly page: Page;
  /** Has what the page got since it was opened. */
  readonly recorder: Recorder;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page, recorder: Recorder) {
    this.#browser = browser;
    this.page = page;
    this.recorder = recorder;
  }

  /** @param hash the view: `#/?sort=name` */
  static async open(bench: Bench, { url, adminToken }: Place, hash: string): Promise<ViewerPage> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--js-flags=--expose-gc'],
    });
    bench.defer(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    if (adminToken !== undefined) {
      const answer = await context.request.post(`${url}/api/v1/session`, {
        data: { username: 'admin', password: adminToken },
        headers: { origin: url },
      });
      if (!answer.ok()) throw new Error(`no log-in: ${answer.status()} ${await answer.text()}`);
    }
    const page = await context.newPage();
    const recorder = new Recorder(page);
    await page.goto(`${url}/${hash}`);
    await page.locator('.rw').first().waitFor();
    return new ViewerPage(browser, page, recorder);
  }

  /** From the start of the navigation to the first contents on screen, ms. */
  firstContentfulPaintMs(): Promise<number> {
    return this.page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`);
  }

  /** What the script's heap holds after a full collection, in bytes. */
  async heapBytes(): Promise<number> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    await session.detach();
    return usedSize;
  }

  /**
   * Scrolls the list up and down by `stepPx` a frame, and answers how long each frame took, ms, and what CPU Chromium
   * and the machine used meanwhile.
   */
  scroll(durationMs: number, stepPx: number): Promise<[frames: number[], cpu: CpuShare]> {
    return cpuShare(this.#browser, () => this.#scrollFrames(durationMs, stepPx));
  }

  #scrollFrames(durationMs: number, stepPx: number): Promise<number[]> {
    return this.page.evaluate<number[]>(`new Promise((resolve) => {
      const list = document.querySelector('.vp');
      const frames = [];
      const startedMs = performance.now();
      // Known beforehand: to ask where it is would lay the page out once more in each frame.
      const bottom = list.scrollHeight - list.clientHeight;
      let before = startedMs;
      let at = 0;
      let step = ${stepPx};
      const frame = (now) => {
        frames.push(now - before);
        before = now;
        if (at + step < 0 || at + step > bottom) step = -step;
        at += step;
        list.scrollTop = at;
        if (now - startedMs < ${durationMs}) requestAnimationFrame(frame);
        else resolve(frames.slice(1));
      };
      requestAnimationFrame(frame);
    })`);
  }

  /**
   * From now on the page notes when each new value of its first row is on screen: after the frame that drew it has been
   * handed over. Times by the clock of the machine, ms.
   */
  async watchFirstValue(): Promise<void> {
    await this.page.evaluate(`{
      window.shown = [];
      const value = document.querySelector('.rw .val');
      let before = value.firstChild.textContent;
      new MutationObserver(() => {
        const text = value.firstChild.textContent;
        // A row that is drawn again with the same value is no news.
        if (text === before) return;
        before = text;
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => window.shown.push([text, performance.timeOrigin + performance.now()]);
          port2.postMessage(null);
        });
      }).observe(value, { characterData: true, childList: true, subtree: true });
    }`);
  }

  /** The values that were on screen since, with their times. */
  shownValues(): Promise<[text: string, atMs: number][]> {
    return this.page.evaluate<[string, number][]>('window.shown');
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}
