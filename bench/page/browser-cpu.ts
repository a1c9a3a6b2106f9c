import { cpus } from 'node:os';
import type { Browser } from 'playwright-core';

/** CPU that was used while something was done, in cores. */
export interface CpuShare {
  /** All of Chromium's processes. */
  readonly browser: number;
  /** The machine as a whole, of all of its cores. */
  readonly machine: number;
}

/** Does `work`, and tells what part of the machine Chromium got meanwhile, and what everybody. */
export async function cpuShare<T>(browser: Browser, work: () => Promise<T>): Promise<[T, CpuShare]> {
  const before = [await browserSeconds(browser), busySeconds()] as const;
  const startedMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const after = [await browserSeconds(browser), busySeconds()] as const;
  return [result, { browser: (after[0] - before[0]) / seconds, machine: (after[1] - before[1]) / seconds }];
}

async function browserSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}
