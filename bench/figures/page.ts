import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Bench, Figure, Measurement } from '../figure.js';
import { type Credentials, registerDevices } from '../hub/devices.js';
import type { HubProcess } from '../hub/hub-process.js';
import { deviceSocket, type LoadedHub, startLoadedHub } from '../hub/loaded-hub.js';
import type { CpuShare } from '../page/browser-cpu.js';
import { StandIn } from '../page/stand-in-job.js';
import { ViewerPage } from '../page/viewer-page.js';
import { percentile } from '../percentile.js';

const DEVICES = 10_000;
const RATE = 5_000;
const PAINTS = 5;
const READINGS = 60;
const READING_EVERY_MS = 330;
const SCROLL_MS = 10_000;
const STEP_PX = 48;
const MEBIBYTE = 1_048_576;

/** What an operator with a large fleet feels: the first paint, the way to the screen, scrolling, and the tab's memory. */
export const page: Figure = {
  name: 'page',
  title: 'The live page in Chromium',
  async run(bench) {
    const count = bench.quick ? 2_000 : DEVICES;
    const loaded = await startLoadedHub(bench, count, { viewers: 0 });
    const { hub, load } = loaded;
    const [probe] = await registerDevices(hub, 1, { prefix: 'probe' });
    if (!probe) throw new Error('no device to watch');
    return [
      await firstPaint(bench, hub),
      ...(await readingToPixel(bench, hub, probe)),
      ...(await underLoad(bench, hub, count, (durationMs) =>
        load.perform({ do: 'send', rate: RATE, durationMs }),
      )),
      ...(await alone(bench, loaded, count)),
    ];
  },
};

async function firstPaint(bench: Bench, hub: HubProcess): Promise<Measurement> {
  bench.note('first contentful paint');
  const paints: number[] = [];
  for (let round = 0; round < PAINTS; round += 1) {
    const viewer = await ViewerPage.open(bench, hub, '#/');
    paints.push(await viewer.firstContentfulPaintMs());
    await viewer.close();
  }
  return {
    name: 'first contentful paint, median',
    value: percentile(paints, 0.5),
    unit: 'ms',
    target: 500,
    conditions: `the fleet in a browser that was just started, nothing cached, ${PAINTS} times; no load`,
  };
}

/** One device sends a new number again and again; the page notes when each is on screen. */
async function readingToPixel(bench: Bench, hub: HubProcess, probe: Credentials): Promise<Measurement[]> {
  bench.note('from a reading to the screen');
  const socket = new WebSocket(deviceSocket(hub), { headers: { authorization: `Bearer ${probe.token}` } });
  bench.defer(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'hello', boot: 'bench', seq: 0 }));
  await once(socket, 'message');
  const sentAtMs = new Map<string, number>();
  const send = (seq: number) => {
    sentAtMs.set(String(seq), performance.timeOrigin + performance.now());
    socket.send(JSON.stringify({ type: 'telemetry', seq, values: { number: seq } }));
  };
  send(1);
  const viewer = await ViewerPage.open(bench, hub, `#/?q=${probe.id}`);
  await viewer.page.locator('.rw .val', { hasText: '1' }).waitFor();
  await viewer.watchFirstValue();
  // Not in step with the hub's own period: each reading meets another moment of it.
  for (let seq = 101; seq <= 100 + READINGS; seq += 1) {
    send(seq);
    await delay(READING_EVERY_MS + ((seq * 37) % 100));
  }
  const ways = (await viewer.shownValues()).flatMap(([text, atMs]) => {
    const from = sentAtMs.get(text);
    return from === undefined ? [] : [atMs - from];
  });
  await viewer.close();
  socket.terminate();
  if (ways.length < READINGS) throw new Error(`${ways.length} of ${READINGS} readings were seen on screen`);
  const conditions = `${READINGS} readings, one each ${READING_EVERY_MS} to ${READING_EVERY_MS + 100} ms; from send() in another process to after the frame that shows it; an update each 100 ms at the most; no other load`;
  return [
    { name: 'reading to pixel p50', value: percentile(ways, 0.5), unit: 'ms', target: null, conditions },
    { name: 'reading to pixel p95', value: percentile(ways, 0.95), unit: 'ms', target: 150, conditions },
  ];
}

/** The whole fleet sends while the list is scrolled, and then for as long as a leak would take to show. */
async function underLoad(
  bench: Bench,
  hub: HubProcess,
  count: number,
  send: (durationMs: number) => Promise<unknown>,
): Promise<Measurement[]> {
  const watchedMs = bench.quick ? 20_000 : 300_000;
  const viewer = await ViewerPage.open(bench, hub, '#/?sort=name');
  bench.note('scrolling under load');
  const warm = send(10_000);
  await delay(2_000);
  const [frames, cpu] = await viewer.scroll(bench.quick ? 5_000 : SCROLL_MS, STEP_PX);
  await warm;
  bench.note('memory under load');
  const before = await viewer.heapBytes();
  await send(watchedMs);
  const after = await viewer.heapBytes();
  await viewer.close();
  const at = `${count} devices, ${RATE} messages of five metrics a second, updates each 100 ms`;
  const kept = `${at}; heap after a collection, before and after ${watchedMs / 1000} s`;
  return [
    ...scrolled('scrolling', frames, cpu, at),
    { name: 'heap of the tab', value: before / MEBIBYTE, unit: 'MiB', target: null, conditions: kept },
    { name: 'heap growth', value: (after - before) / MEBIBYTE, unit: 'MiB', target: 3, conditions: kept },
  ];
}

/**
 * The page by itself: a stand-in answers what the hub answered, and sends as many readings. What is slower beside the
 * hub is the machine's, where the cores are too few for both.
 */
async function alone(bench: Bench, { hub, close }: LoadedHub, count: number): Promise<Measurement[]> {
  bench.note('scrolling beside a stand-in for the hub');
  const recorded = await ViewerPage.open(bench, hub, '#/?sort=name');
  const recording = await recorded.recorder.finish();
  await recorded.close();
  await close();
  const standIn = new StandIn();
  bench.defer(() => standIn.close());
  const viewer = await ViewerPage.open(
    bench,
    await standIn.perform({ recording, rate: RATE }),
    '#/?sort=name',
  );
  await delay(2_000);
  const [frames, cpu] = await viewer.scroll(bench.quick ? 5_000 : SCROLL_MS, STEP_PX);
  await viewer.close();
  const at = `${count} devices, ${RATE} messages of five metrics a second from a stand-in for hub and devices, updates each 100 ms`;
  return scrolled('the page alone, scrolling', frames, cpu, at);
}

function scrolled(name: string, frames: readonly number[], cpu: CpuShare, at: string): Measurement[] {
  const elapsedMs = frames.reduce((sum, frame) => sum + frame, 0);
  const conditions = `${at}; the list scrolled by ${STEP_PX} px a frame for ${elapsedMs / 1000} s, frame times by requestAnimationFrame`;
  const told = { target: null, conditions };
  return [
    {
      name: `${name}: frames a second`,
      value: (frames.length * 1000) / elapsedMs,
      unit: 'fps',
      target: 50,
      least: true,
      conditions,
    },
    { name: `${name}: frame time p99`, value: percentile([...frames], 0.99), unit: 'ms', ...told },
    { name: `${name}: CPU of Chromium`, value: cpu.browser, unit: 'cores', ...told },
    { name: `${name}: CPU of all`, value: cpu.machine, unit: 'cores', ...told },
  ];
}
