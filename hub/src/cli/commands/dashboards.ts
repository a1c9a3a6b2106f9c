import { readdir } from 'node:fs/promises';
import type { GenerateOptions, TreeDifference } from '@fieldline/dashboards/grafana';
import { loadProfiles, type ValueType } from '@fieldline/protocol';
import { Command, InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';

interface DashboardsOptions {
  readonly out: string;
  readonly check?: true;
  readonly influxVersion: 1 | 2 | 3;
  readonly influxUrl?: string;
  readonly hubUrl?: string;
  readonly dashboardsPath?: string;
  readonly alertEmail?: string;
  readonly retyped?: true;
}

/** `fieldline dashboards`: Grafana's provisioning, made of the device profiles. No hub is needed for it. */
export function dashboardsCommand(context: Context): Command {
  return new Command('dashboards')
    .description("make Grafana's provisioning of the device profiles: data source, boards, alert rules")
    .requiredOption('--out <dir>', 'directory that it is written to')
    .option('--check', 'write nothing; exit 1 and name the files that differ from what would be written')
    .option('--influx-version <version>', 'which InfluxDB Grafana asks: 1, 2 or 3', influxVersion, 1)
    .option('--influx-url <url>', 'its address as Grafana reaches it (default influx.url)')
    .option('--hub-url <url>', 'the address of the hub as browsers reach it, for links to the live page')
    .option('--dashboards-path <dir>', 'where Grafana will find the directory dashboards of --out')
    .option('--alert-email <address>', 'who is told of alerts')
    .option('--retyped', 'ask the hub which metrics were given another type')
    .action((options: DashboardsOptions) => dashboards(context, options));
}

async function dashboards(context: Context, options: DashboardsOptions): Promise<void> {
  // The other commands do without it.
  const { compareTree, generate, rulesBefore, writeTree } = await import('@fieldline/dashboards/grafana');
  const { terminal } = context;
  const config = context.config();
  const files = generate(await said(profilesOf(config.profiles)), {
    influxVersion: options.influxVersion,
    database: config.influx.database,
    reportMs: config.influx.reportMs,
    rulesBefore: await said(rulesBefore(options.out)),
    ...given('influxUrl', options.influxUrl || withoutCredentials(config.influx.url)),
    ...given('hubUrl', options.hubUrl),
    ...given('dashboardsPath', options.dashboardsPath),
    ...given('alertEmail', options.alertEmail || undefined),
    ...(options.retyped ? { retyped: await retypedMetrics(context) } : {}),
  });
  if (config.influx.reportMs === 0)
    terminal.note('influx.reportMs is 0: there are no alert rules about the hub, and its boards stay empty.');
  if (!options.check) {
    const done = await writeTree(options.out, files);
    terminal.note(`${files.size} files in ${options.out}, ${done.length} of them changed.`);
    return;
  }
  const differences = await compareTree(options.out, files);
  if (differences.length === 0) return terminal.note(`${files.size} files in ${options.out} are up to date.`);
  for (const difference of differences) terminal.print(wordsOf(difference));
  throw new CliError(`${differences.length} files differ from what the profiles make of them.`, {
    hint: `Run fieldline dashboards --out ${options.out}`,
  });
}

function wordsOf({ path, what }: TreeDifference): string {
  return `${what.padEnd(9)} ${path}`;
}

/** Without a directory of profiles every board of a device would be taken away. */
async function profilesOf(directory: string) {
  await readdir(directory);
  return await loadProfiles(directory);
}

/** What is wrong with files that a person wrote, or may have changed, is said in its own words. */
async function said<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CliError(error.message, { exitCode: EXIT.usage, cause: error });
  }
}

/** What admins have said of types, by profile. */
async function retypedMetrics(context: Context): Promise<GenerateOptions['retyped']> {
  const hub = await context.hub();
  const byProfile = new Map<string, ReadonlyMap<string, ValueType>>();
  for await (const { profile, retyped } of hub.profiles()) {
    byProfile.set(profile, new Map(Object.entries(retyped).map(([metric, { type }]) => [metric, type])));
  }
  return byProfile;
}

function influxVersion(text: string): 1 | 2 | 3 {
  if (text === '1' || text === '2' || text === '3') return Number(text) as 1 | 2 | 3;
  throw new InvalidArgumentError('It is 1, 2 or 3.');
}

/** Files are read by many: what somebody put before the `@` stays out of them. */
function withoutCredentials(address: string | null): string | undefined {
  if (address === null) return undefined;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}

/** An option without a value says nothing: files such as docker-compose.yml give all of them. */
function given<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [key in K]: string });
}
