import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BenchBoard } from '../bridge/boards.js';
import { HubStandIn } from '../bridge/hub-stand-in.js';
import type { Bench, Figure, Measurement } from '../figure.js';
import { percentile } from '../percentile.js';
import { cpuSeconds, memoryBytes } from '../process-stats.js';

const BOARDS = 10;
const LINES_PER_SECOND = 10;
/** What a UART of 921,600 baud brings, nearly. */
const BYTES_PER_SECOND = 90_000;
/** A bridge runs for months: what its code costs before it is compiled is not what it costs. */
const WARM_UP_MS = 60_000;

/** What the bridge for serial ports costs, and how long it holds a line. */
export const bridge: Figure = {
  name: 'bridge',
  title: 'Boards on serial lines, through the firmware bridge',
  async run(bench) {
    const directory = await bench.directory('bridge');
    const plug = (name: string) =>
      Array.from({ length: BOARDS }, (_, index) => new BenchBoard(`${name}-${index}`, directory));
    const [boards, bareBoards] = [plug('board'), plug('bare')];
    const all = [...boards, ...bareBoards];
    for (const board of all) bench.defer(() => board.close());
    let delays: number[] = [];
    const hub = new HubStandIn((device, { n }, atMs) => {
      const took = all.find(({ name }) => name === device)?.arrived(Number(n), atMs) ?? null;
      if (took !== null) delays.push(took);
    });
    bench.defer(() => hub.close());
    const url = await hub.open();
    await Promise.all(all.map((board) => board.plugged()));

    const spokenMs = bench.quick ? 5_000 : 20_000;
    const speakTo = async (pid: number, boards: readonly BenchBoard[]) => {
      // The first line after an opening may be half a one, and is not taken; their hellos were.
      bench.note('warming up');
      await speak(boards, bench.quick ? 3_000 : WARM_UP_MS);
      delays = [];
      const cpuBefore = await cpuSeconds(pid);
      await speak(boards, spokenMs);
      const cpu = ((await cpuSeconds(pid)) - cpuBefore) / (spokenMs / 1_000);
      return { cpu, delays };
    };
    const program = await startBare(bench, url, bareBoards);
    const bare = await speakTo(program.pid, bareBoards);
    await program.stop();
    const { pid } = await startBridge(bench, url, directory, boards);
    const { cpu, delays: quiet } = await speakTo(pid, boards);
    const missing = () => boards.reduce((sum, board) => sum + board.missing, 0);
    await until(() => missing() === 0);
    const lostOfFew = missing();

    const pouredMs = bench.quick ? 3_000 : 10_000;
    const [board] = boards as [BenchBoard];
    const before = { written: board.written, frames: hub.frames, cpu: await cpuSeconds(pid) };
    delays = [];
    const rate = await pour(board, pouredMs);
    await until(() => board.missing === 0);
    const pourCpu = ((await cpuSeconds(pid)) - before.cpu) / (pouredMs / 1_000);
    const lines = board.written - before.written;
    const { peak } = await memoryBytes(pid);

    const few = `${BOARDS} boards, ${LINES_PER_SECOND} lines/s each, of 4 values, for ${spokenMs / 1_000} s; ptys of socat; the hub is a bare server that acks`;
    const many = `${Math.round(rate / 1_000)} kB/s into one pty for ${pouredMs / 1_000} s, ${lines} lines in ${hub.frames - before.frames} frames`;
    const bareFew = `a bare program that only reads the ports and sends each line; ${few}`;
    const told = { target: null, conditions: few } as const;
    return [
      {
        name: 'bridge: CPU for 100 lines/s',
        value: cpu * 100,
        unit: '% of a core',
        target: 1,
        conditions: few,
      },
      {
        name: 'bridge: CPU of a bare program for them',
        value: bare.cpu * 100,
        unit: '% of a core',
        target: null,
        conditions: bareFew,
      },
      { name: 'bridge: line to WebSocket frame p50', value: percentile(quiet, 0.5), unit: 'ms', ...told },
      {
        ...{
          name: 'bridge: line to WebSocket frame p99',
          value: percentile(quiet, 0.99),
          unit: 'ms',
          target: 5,
        },
        conditions: `from the write into socat to the frame; ${few}`,
      },
      {
        name: 'bridge: the same p99 of a bare program',
        value: percentile(bare.delays, 0.99),
        unit: 'ms',
        target: null,
        conditions: bareFew,
      },
      {
        name: 'bridge: lines lost',
        value: lostOfFew,
        unit: `of ${BOARDS} boards`,
        target: 0,
        conditions: few,
      },
      {
        name: 'bridge: lines lost at 90 kB/s',
        value: board.missing,
        unit: `of ${lines}`,
        target: 0,
        conditions: many,
      },
      {
        name: 'bridge: rate of one port',
        value: rate / 1_000,
        unit: 'kB/s',
        target: 88,
        least: true,
        conditions: many,
      },
      {
        name: 'bridge: CPU for it',
        value: pourCpu * 100,
        unit: '% of a core',
        target: null,
        conditions: many,
      },
      {
        name: 'bridge: delay p99 at it',
        value: percentile(delays, 0.99),
        unit: 'ms',
        target: null,
        conditions: many,
      },
      {
        name: 'bridge: peak RSS',
        value: peak / 1e6,
        unit: 'MB',
        target: null,
        conditions: 'of the whole run',
      },
    ] satisfies Measurement[];
  },
};

async function startBridge(
  bench: Bench,
  url: string,
  directory: string,
  boards: readonly BenchBoard[],
): Promise<Program> {
  const ports = boards.map(({ name, path }) => `  - { device: ${name}, token: ${name}, path: ${path} }`);
  const config = join(directory, 'bridge.yaml');
  await writeFile(config, [`url: ${url}`, `data: ${directory}/data`, 'ports:', ...ports].join('\n'));
  const file = new URL('../../../firmware-bridge/bin/fieldline-bridge.cjs', import.meta.url);
  return start(bench, boards, [...bench.hub.flags, fileURLToPath(file), '--config', config, '--json']);
}

function startBare(bench: Bench, url: string, boards: readonly BenchBoard[]): Promise<Program> {
  const file = fileURLToPath(new URL('../bridge/bare-program.js', import.meta.url));
  return start(bench, boards, [file, url, ...boards.map(({ name, path }) => `${name}=${path}`)]);
}

interface Program {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Resolves when it has told of each board that it is online. */
async function start(bench: Bench, boards: readonly BenchBoard[], args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  bench.defer(stop);
  let online = 0;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)));
    child.stdout.on('data', (text: Buffer) => {
      online += text.toString().split('hub: online').length - 1;
      if (online >= boards.length) resolve();
    });
  });
  return { pid: child.pid ?? 0, stop };
}

/** All boards say a line now and then, out of step with each other. */
async function speak(boards: readonly BenchBoard[], durationMs: number): Promise<void> {
  const periodMs = 1_000 / LINES_PER_SECOND;
  const timers = boards.map((board, index) => {
    const { promise, cancel } = every(periodMs, (index * periodMs) / boards.length, () => board.write(1));
    return { promise, cancel };
  });
  await delay(durationMs);
  for (const { cancel } of timers) cancel();
  await Promise.all(timers.map(({ promise }) => promise));
}

function every(periodMs: number, afterMs: number, call: () => void) {
  let isOn = true;
  const cancel = () => {
    isOn = false;
  };
  const run = async () => {
    for (let next = performance.now() + afterMs; isOn; next += periodMs) {
      await delay(Math.max(0, next - performance.now()));
      if (isOn) call();
    }
  };
  return { promise: run(), cancel };
}

/** Writes lines at the speed of the line. @returns bytes a second */
async function pour(board: BenchBoard, durationMs: number): Promise<number> {
  const startedMs = performance.now();
  let bytes = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= durationMs) return (bytes / elapsedMs) * 1_000;
    while (bytes < (elapsedMs / 1_000) * BYTES_PER_SECOND) bytes += board.write(10);
    await delay(5);
  }
}

/** Waits a while for what is on its way. */
async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !isDone(); tries++) await delay(50);
}
