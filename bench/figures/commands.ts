import type { Bench, Figure, Measurement } from '../figure.js';
import { registerDevices } from '../hub/devices.js';
import { deviceSocket, startLoadedHub } from '../hub/loaded-hub.js';
import { type SeenStalls, Stalls } from '../hub/stalls.js';
import type { CommandJob, CommandReport } from '../load/command-job.js';
import { JobProcess } from '../load/job-process.js';

const CONNECTIONS = 200;
const RATE = 5_000;
const COMMANDED = 20;
const PER_SECOND = 50;
const WARM_UP_MS = 3_000;

/** How long somebody who gives a command waits for what became of it. */
export const commands: Figure = {
  name: 'commands',
  title: 'Command round trip under load',
  async run(bench) {
    const stalls = new Stalls(await bench.directory('stalls'));
    const { hub, load } = await startLoadedHub(bench, CONNECTIONS, stalls.start);
    const devices = await registerDevices(hub, COMMANDED, { prefix: 'told', profile: 'pump' });
    const commander = startCommander(bench);
    const job = {
      url: hub.url,
      apiToken: hub.adminToken,
      deviceUrl: deviceSocket(hub),
      devices,
      body: JSON.stringify({ name: 'pump.start', params: { speed: 1_200 } }),
      perSecond: PER_SECOND,
    };
    const round = async (durationMs: number) => {
      const sending = load.perform({ do: 'send', rate: RATE, durationMs: 2 * durationMs });
      const report = await commander.perform({ ...job, durationMs });
      load.finish();
      const { sent, acked, elapsedMs } = await sending;
      if (acked < sent) throw new Error(`${sent - acked} of ${sent} messages were not acked`);
      return { report, rate: sent / (elapsedMs / 1_000) };
    };
    bench.note('warming up');
    await round(WARM_UP_MS);
    const durationMs = bench.quick ? 5_000 : 20_000;
    await stalls.since(hub.pid);
    const { report, rate } = await round(durationMs);
    return measurements(report, await stalls.since(hub.pid), rate, durationMs);
  },
};

function startCommander(bench: Bench): JobProcess<CommandJob, CommandReport> {
  const commander = new JobProcess<CommandJob, CommandReport>(
    new URL('../load/commander.js', import.meta.url),
  );
  bench.defer(() => commander.close());
  return commander;
}

function measurements(
  { states, took, toDevice, toAnswer }: CommandReport,
  stalls: SeenStalls,
  rate: number,
  durationMs: number,
): Measurement[] {
  const { succeeded = 0, ...others } = states;
  const failed = Object.values(others).reduce((sum, count) => sum + count, 0);
  const load = `${Math.round(rate)} msg/s over ${CONNECTIONS} sockets, a viewer, DuckDB`;
  const given = `${succeeded} commands, ${PER_SECOND}/s at random times over ${COMMANDED} devices for ${durationMs / 1_000} s, checked against a profile and verified by a reading; ${load}`;
  const told = { unit: 'ms', target: null } as const;
  return [
    {
      name: 'command round trip p50',
      value: took.p50,
      unit: 'ms',
      target: 3,
      conditions: `POST with wait to its answer, keep-alive; ${given}`,
    },
    { name: 'command round trip p99', value: took.p99, unit: 'ms', target: 15, conditions: given },
    { name: 'command round trip max', value: took.max, ...told, conditions: given },
    { name: '… of it to the device p50', value: toDevice.p50, ...told, conditions: 'request to frame' },
    { name: '… p99', value: toDevice.p99, ...told, conditions: 'request to frame' },
    {
      name: '… of it back p50',
      value: toAnswer.p50,
      ...told,
      conditions: 'result sent at once, to HTTP answer',
    },
    { name: '… p99', value: toAnswer.p99, ...told, conditions: 'result sent at once, to HTTP answer' },
    {
      name: 'commands that did not succeed',
      value: failed,
      unit: `of ${succeeded + failed}`,
      target: 0,
      conditions: failed === 0 ? 'all answered within the request' : JSON.stringify(others),
    },
    { name: 'event-loop stall p99', value: stalls.p99, ...told, conditions: load },
    { name: 'event-loop stall max', value: stalls.max, ...told, conditions: load },
  ];
}
