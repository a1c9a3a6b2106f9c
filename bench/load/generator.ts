import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { percentile } from '../percentile.js';
import { answerJobs } from './job-process.js';
import type { Job, LoadReport } from './jobs.js';
import { LoadDevice } from './load-device.js';

/** The load generator's process: it does the jobs that come over IPC, one at a time. */

const CONNECT_AT_ONCE = 64;
/** How long acks that are still under way are waited for. */
const LAST_ACKS_MS = 5_000;
/** A saturating sender fills each socket's send buffer up to here. */
const FULL_BUFFER_BYTES = 128 * 1024;

let devices: LoadDevice[] = [];
let latencies: number[] = [];
let lastAckMs: number | null = null;
let longestSilenceMs: number | null = null;
let closed = 0;
/** Whether the sending under way shall end. */
let isFinished = false;

answerJobs(perform, (word) => {
  isFinished = word === 'finish';
});

async function perform(job: Job): Promise<LoadReport> {
  const startedMs = performance.now();
  const before = { sent: totalSent(), bytes: totalBytes() };
  latencies = [];
  lastAckMs = null;
  longestSilenceMs = null;
  switch (job.do) {
    case 'connect':
      await connect(job);
      break;
    case 'send':
      await send(job.rate, job.durationMs);
      break;
    case 'saturate':
      await saturate(job.durationMs);
      break;
    case 'close':
      for (const { socket } of devices) socket.terminate();
      devices = [];
  }
  const elapsedMs = performance.now() - startedMs;
  if (job.do === 'send' || job.do === 'saturate') await lastAcks();
  const sent = totalSent() - before.sent;
  return {
    connected: devices.length,
    sent,
    acked: latencies.length,
    elapsedMs,
    latencyMs:
      latencies.length === 0
        ? null
        : {
            p50: percentile(latencies, 0.5),
            p99: percentile(latencies, 0.99),
            max: percentile(latencies, 1),
          },
    longestSilenceMs,
    frameBytes: sent === 0 ? 0 : (totalBytes() - before.bytes) / sent,
    closed,
  };
}

async function connect({ url, devices: all, hello }: Extract<Job, { do: 'connect' }>): Promise<void> {
  const queue = all.values();
  const work = async () => {
    for (const credentials of queue) {
      const device = new LoadDevice(url, credentials, hello, acked);
      await device.open();
      device.socket.on('close', () => {
        closed += 1;
      });
      devices.push(device);
    }
  };
  await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, work));
}

function acked(latencyMs: number, nowMs: number): void {
  latencies.push(latencyMs);
  if (lastAckMs !== null) longestSilenceMs = Math.max(longestSilenceMs ?? 0, nowMs - lastAckMs);
  lastAckMs = nowMs;
}

/** Even in time: each turn of a millisecond sends what is due by then, each message to the next device. */
async function send(rate: number, durationMs: number): Promise<void> {
  isFinished = false;
  const startedMs = performance.now();
  let done = 0;
  let next = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    const due = Math.floor((Math.min(elapsedMs, durationMs) * rate) / 1_000);
    for (; done < due; done += 1) {
      devices[next]?.send();
      next = (next + 1) % devices.length;
    }
    if (elapsedMs >= durationMs || isFinished) return;
    await delay(1);
  }
}

async function saturate(durationMs: number): Promise<void> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    for (const device of devices) {
      for (let burst = 0; burst < 64 && device.socket.bufferedAmount < FULL_BUFFER_BYTES; burst += 1)
        device.send();
    }
    await nextTurn();
  }
}

/** Waits for the acks of what was sent; a server that never acks is not waited for. */
async function lastAcks(): Promise<void> {
  if (latencies.length === 0) return;
  const endMs = performance.now() + LAST_ACKS_MS;
  while (performance.now() < endMs && devices.some((device) => device.unacked > 0)) await delay(5);
}

function totalSent(): number {
  return devices.reduce((sum, device) => sum + device.sent, 0);
}

function totalBytes(): number {
  return devices.reduce((sum, device) => sum + device.bytes, 0);
}
