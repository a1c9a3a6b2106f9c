import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import { type Bench, type Figure, type Measurement, passes } from './figure.js';
import { alarms } from './figures/alarms.js';
import { bridge } from './figures/bridge.js';
import { commands } from './figures/commands.js';
import { drain } from './figures/drain.js';
import { history } from './figures/history.js';
import { idle } from './figures/idle.js';
import { ingest } from './figures/ingest.js';
import { latency } from './figures/latency.js';
import { page } from './figures/page.js';
import { reconnect } from './figures/reconnect.js';
import { restart } from './figures/restart.js';
import { saturation } from './figures/saturation.js';
import { whole } from './figures/whole.js';

const FIGURES: readonly Figure[] = [
  ingest,
  latency,
  saturation,
  idle,
  history,
  restart,
  whole,
  drain,
  commands,
  reconnect,
  page,
  bridge,
  alarms,
];

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const help = (figures: readonly Figure[]) => `npm run bench -- [figure…] [options]

Figures: ${figures.map(({ name }) => name).join(', ')}; all without one.

Options:
  --quick           short runs, which tell less
  --data DIR        where data directories are made (default: data/bench in the repository).
                    It has to be a real disk: syncs cost nothing on a tmpfs
  --cpu-prof DIR    have Node write a CPU profile of the hub there
  --env NAME=VALUE  a setting of the hub that differs from the default; may be repeated
  --help            this text
`;

/** Runs figures of `all` one after the other, prints a table, and writes bench/results/<date>.json. */
export async function main(argv: readonly string[], all: readonly Figure[] = FIGURES): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      data: { type: 'string', default: join(REPOSITORY, 'data', 'bench') },
      'cpu-prof': { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(help(all));
  const unknown = positionals.find((name) => all.every((figure) => figure.name !== name));
  if (unknown !== undefined) return print(`There is no figure ${unknown}.\n\n${help(all)}`, 2);
  const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

  const hub = { flags: profilingFlags(values['cpu-prof']), env: settings(values.env) };
  const figures: FigureResult[] = [];
  for (const figure of chosen) {
    note(`${figure.name}: ${figure.title}`);
    const result = await runFigure(figure, { quick: values.quick, hub, data: values.data });
    figures.push(result);
    if ('failure' in result) note(`  failed: ${result.failure}`);
    else for (const line of lines(result.measurements)) process.stdout.write(`${line}\n`);
  }
  const file = await save({ environment: environment(), quick: values.quick, settings: hub.env, figures });
  note(`written to ${file}`);
  return figures.every(isPassed) ? 0 : 1;
}

type FigureResult =
  | { readonly figure: string; readonly measurements: readonly Measurement[] }
  | { readonly figure: string; readonly failure: string };

function isPassed(result: FigureResult): boolean {
  return 'measurements' in result && result.measurements.every((one) => passes(one) !== false);
}

async function runFigure(
  figure: Figure,
  options: { quick: boolean; hub: Bench['hub']; data: string },
): Promise<FigureResult> {
  const closers: (() => unknown)[] = [];
  const directory = join(options.data, figure.name);
  const bench: Bench = {
    quick: options.quick,
    hub: options.hub,
    note: (text) => note(`  ${text}`),
    defer: (close) => void closers.push(close),
    async directory(name) {
      const path = join(directory, name);
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
      return path;
    },
  };
  try {
    return { figure: figure.name, measurements: await figure.run(bench) };
  } catch (error) {
    return {
      figure: figure.name,
      failure: inspect(error),
    };
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** `NAME=VALUE` texts as an environment. */
function settings(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Error(`--env ${text}: NAME=VALUE expected`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function lines(measurements: readonly Measurement[]): string[] {
  const width = Math.max(...measurements.map(({ name }) => name.length));
  return measurements.map((one) => {
    const verdict = { true: 'pass', false: 'MISS', null: '' }[`${passes(one)}`];
    const target = one.target === null ? '' : `${one.least ? '≥' : '≤'} ${one.target} ${one.unit}`;
    const value = `${Number(one.value.toPrecision(4))} ${one.unit}`;
    return `${one.name.padEnd(width)}  ${value.padStart(14)}  ${target.padEnd(12)}  ${verdict.padEnd(4)}  ${one.conditions}`;
  });
}

/** What the numbers depend on, beside the code. */
function environment(): Record<string, string | number> {
  return {
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    }).trim(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
  };
}

async function save(result: object): Promise<string> {
  const directory = join(REPOSITORY, 'bench', 'results');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

function profilingFlags(directory: string | undefined): string[] {
  return directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string, code = 0): number {
  process.stdout.write(text);
  return code;
}
