import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_RATE_LIMIT: '0' } });
});

afterAll(() => hub.dispose());

describe('SIGTERM under load', () => {
  it('says goodbye, flushes within 10 s, exits 0, and everything acked is there', async () => {
    const devices: NumberedDevice[] = [];
    for (let index = 0; index < 10; index++) {
      const id = `dev-${index}`;
      const device = new NumberedDevice(id, await hub.http.addDevice(id));
      await device.connect(hub.url);
      devices.push(device);
    }
    const load = new Load(devices, 5_000);
    load.start();
    await load.until(5_000);
    const askedAt = Date.now();
    const exit = await hub.stop();
    // The promise of the manual, not a measurement: a service manager kills after it.
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    expect(exit).toEqual({ code: 0, signal: null });
    load.stop();
    for (const device of devices) {
      expect(await device.ended()).toEqual({ code: 1001, reason: expect.any(String) });
      expect(device.remarks).toEqual([{ type: 'bye', retryAfter: expect.any(Number) }]);
    }
    await hub.start();
    for (const device of devices) {
      const stored = new Set((await hub.http.history(device.id, 'n')).map(([, n]) => Number(n)));
      for (let n = 1; n <= device.acked; n++) expect(stored).toContain(n);
    }
  });

  it('is not held up by a socket that has not logged in', async () => {
    const stranger = await DeviceClient.connect(hub.url);
    const exit = await hub.stop();
    expect(exit).toEqual({ code: 0, signal: null });
    expect((await stranger.end()).code).toBe(1006);
    await hub.start();
  });

  it('a second signal does not hang it, and an idle hub ends at once', async () => {
    const exit = hub.exit;
    process.kill(hub.pid, 'SIGINT');
    process.kill(hub.pid, 'SIGTERM');
    expect((await exit).signal ?? 0).toBe(0);
  });
});
