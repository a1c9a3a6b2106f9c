import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';
import { ViewerClient } from './kit/viewer-client.js';

const MIB = 1024 * 1024;

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_RATE_LIMIT: '0' } });
});

afterAll(() => hub.dispose());

describe('viewers that stop reading', () => {
  it('cost devices nothing, and the hub no memory', async () => {
    const devices: NumberedDevice[] = [];
    for (let index = 0; index < 20; index++) {
      const id = `dev-${index}`;
      const device = new NumberedDevice(id, await hub.http.addDevice(id), { padding: 200 });
      await device.connect(hub.url);
      devices.push(device);
    }
    const load = new Load(devices, 4_000);
    load.start();
    try {
      // The hub's own buffers and caches grow to their size first.
      await load.until(10_000);
      const viewers: ViewerClient[] = [];
      for (let n = 0; n < 20; n++) {
        const viewer = await ViewerClient.connect(hub.url);
        await viewer.subscribe(1, { devices: '*', minPeriod: 0, what: ['telemetry', 'status', 'raw'] });
        viewer.socket.pause();
        viewers.push(viewer);
      }
      await load.until(10_000);
      const before = hub.residentBytes();
      // 30,000 messages of 300 bytes to 20 viewers, as updates and raw frames, would be some 400 MB.
      await load.until(30_000);
      expect(hub.residentBytes() - before).toBeLessThan(64 * MIB);

      const reader = await ViewerClient.connect(hub.url);
      expect(await reader.subscribe(1, { devices: '*' })).toHaveLength(20);
      expect(await reader.take('update')).toMatchObject({ readings: expect.any(Array) });
      reader.close();

      for (const viewer of viewers) viewer.close();

      // One that reads again is told what it has missed. Not one of those above: after 20 s, which a slow machine needs
      // for so many messages, a viewer that answers no pings is dropped.
      const behind = await ViewerClient.connect(hub.url);
      await behind.subscribe(1, { devices: '*', minPeriod: 0, what: ['telemetry', 'status', 'raw'] });
      behind.socket.pause();
      await load.until(10_000);
      behind.socket.resume();
      const lag = await behind.take('lag');
      expect(lag).toMatchObject({ dropped: expect.any(Number), since: expect.any(Number) });
      expect(lag.dropped).toBeGreaterThan(0);
      behind.close();
    } finally {
      load.stop();
    }
    expect(devices.flatMap(({ remarks }) => remarks)).toEqual([]);
    for (const device of devices) device.drop();
  });
});
