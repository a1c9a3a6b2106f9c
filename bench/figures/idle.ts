import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Figure } from '../figure.js';
import { registerDevices } from '../hub/devices.js';
import { HubProcess } from '../hub/hub-process.js';
import { deviceSocket } from '../hub/loaded-hub.js';
import { LoadProcess } from '../load/load-process.js';
import { memoryBytes } from '../process-stats.js';

const CONNECTIONS = 10_000;
/** Connected, closed and forgotten before the measurement: code is compiled and pools are filled then. */
const WARM_UP = 500;

/** Memory of connections that are authenticated and silent. */
export const idle: Figure = {
  name: 'idle',
  title: 'Idle connections',
  async run(bench) {
    const count = bench.quick ? 2_000 : CONNECTIONS;
    const hub = await HubProcess.start({ data: await bench.directory('data'), ...bench.hub });
    bench.defer(() => hub.stop());
    bench.note(`registering ${count} devices`);
    const devices = await registerDevices(hub, count, { profile: 'env-sensor' });
    const load = new LoadProcess();
    bench.defer(() => load.close());
    const url = deviceSocket(hub);
    await load.perform({ do: 'connect', url, devices: devices.slice(0, WARM_UP), hello: true });
    await load.perform({ do: 'close' });
    const before = await settled(bench, hub.pid);
    bench.note(`connecting ${count} devices`);
    const { connected } = await load.perform({ do: 'connect', url, devices, hello: true });
    if (connected !== count) throw new Error(`only ${connected} devices are connected`);
    const after = await settled(bench, hub.pid);
    return [
      {
        name: 'RSS per idle connection',
        value: (after - before) / count / 1_000,
        unit: 'kB',
        target: 12,
        conditions: `${count} authenticated devices after hello and welcome, registered before; VmRSS before and after, each once it had stopped moving; heap not forced to shrink`,
      },
      {
        name: 'RSS of the whole process',
        value: after / 1e6,
        unit: 'MB',
        target: null,
        conditions: `with ${count} registered and connected devices`,
      },
    ];
  },
};

const STEP_MS = 1_000;
const STILL_BYTES = 512 * 1024;

/** The resident memory once two readings in a row differ by little; at most 15 s. */
async function settled(bench: Bench, pid: number): Promise<number> {
  let last = (await memoryBytes(pid)).resident;
  for (let step = 0, still = 0; step < 15 && still < 3; step += 1) {
    await delay(STEP_MS);
    const { resident } = await memoryBytes(pid);
    still = Math.abs(resident - last) < STILL_BYTES ? still + 1 : 0;
    last = resident;
  }
  bench.note(`RSS ${(last / 1e6).toFixed(1)} MB`);
  return last;
}
