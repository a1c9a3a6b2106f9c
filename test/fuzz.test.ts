import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { anyFrame } from './kit/frames.arbitrary.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { askForUpgrade } from './kit/upgrade.js';
import { ViewerClient } from './kit/viewer-client.js';

let hub: HubProcess;
let witness: DeviceClient;
let seq = 0;
let connections = 0;

beforeAll(async () => {
  const watch = fileURLToPath(new URL('clients/prototype-watch.cjs', import.meta.url));
  hub = await startHub({ env: { NODE_OPTIONS: `--require ${watch}` } });
  witness = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice('witness') });
  await witness.hello({ boot: 'b1', seq: 0 });
});

afterAll(() => hub.dispose());

/** The hub goes on serving others, and has noticed nothing that it calls a failure of its own. */
async function expectUnharmed(): Promise<void> {
  seq += 1;
  witness.send({ type: 'telemetry', seq, values: { ok: seq } });
  await witness.acked(seq);
  expect(hub.output.lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
}

async function prototypes(): Promise<string> {
  const seen = hub.output.lines.length;
  process.kill(hub.pid, 'SIGUSR2');
  return hub.output.find((line) =>
    line.startsWith('prototypes: ') && hub.output.lines.lastIndexOf(line) >= seen ? line : undefined,
  );
}

describe('random and mutated frames', () => {
  it('never harm the device socket', async () => {
    const before = await prototypes();
    const token = await hub.http.addDevice('fuzzed');
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 40 }), async (frames) => {
        connections += 1;
        const device = await DeviceClient.connect(hub.url, { token });
        await device.hello({ boot: `fuzz${connections}`, seq: 0 });
        for (const frame of frames) {
          if (device.socket.readyState === device.socket.OPEN) device.send(frame);
        }
        // Either it still answers, or it has closed the connection for one of the reasons it may have.
        device.send({ type: 'time', uptime: 4_242 });
        const end = await Promise.race([answerTo(device, 4_242), device.end()]);
        if (end !== undefined) expect([1009, 4400]).toContain(end.code);
        else await device.close();
        await expectUnharmed();
      }),
      { numRuns: 300 },
    );
    expect(await prototypes()).toBe(before);
  });

  it('never harm it before the login', async () => {
    await fc.assert(
      fc.asyncProperty(anyFrame, async (frame) => {
        const device = await DeviceClient.connect(hub.url);
        device.send(frame);
        expect((await device.end()).code).toBe(4401);
        await expectUnharmed();
      }),
      { numRuns: 10 },
    );
  });

  it('never harm the viewer socket', async () => {
    const before = await prototypes();
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 40 }), async (frames) => {
        const viewer = await ViewerClient.connect(hub.url);
        for (const frame of frames) viewer.socket.send(frame);
        expect(await viewer.subscribe(424_242, { devices: ['witness'] })).toHaveLength(1);
        viewer.close();
        await expectUnharmed();
      }),
      { numRuns: 100 },
    );
    expect(await prototypes()).toBe(before);
  });

  it('bytes that are not even WebSocket frames end one connection only', async () => {
    const token = await hub.http.addDevice('raw-bytes');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { socket } = await askForUpgrade(hub.url, { authorization: `Bearer ${token}` });
        socket.write(bytes);
        socket.end();
        await finished(socket.resume()).catch(() => undefined);
        await expectUnharmed();
      }),
      { numRuns: 100 },
    );
  });
});

/** Resolves with nothing when the answer is there; never when the connection ends first. */
async function answerTo(device: DeviceClient, uptime: number): Promise<undefined> {
  for (;;) {
    try {
      const { uptime: echoed } = await device.take('time');
      if (echoed === uptime) return undefined;
    } catch {
      // The connection has ended: the other side of the race tells how.
      return new Promise(() => undefined);
    }
  }
}
