import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { Load } from './kit/load.js';
import { NumberedDevice } from './kit/numbered-device.js';

const KILLS = 20;
const DEVICES = 10;
const PER_SECOND = 4_000;

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({
    // Small segments, so that kills fall on their changes too.
    env: {
      FIELDLINE_RATE_LIMIT: '0',
      FIELDLINE_JOURNAL_SEGMENT_BYTES: '524288',
      FIELDLINE_LOG_LEVEL: 'warn',
    },
  });
});

afterAll(() => hub.dispose());

describe('kill -9 under load', () => {
  it(`${KILLS} times: every acked message is in the history afterwards, none twice`, async () => {
    const devices: NumberedDevice[] = [];
    for (let index = 0; index < DEVICES; index++) {
      const id = `dev-${index}`;
      devices.push(new NumberedDevice(id, await hub.http.addDevice(id)));
    }
    const load = new Load(devices, PER_SECOND);
    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.all(devices.map((device) => device.connect(hub.url)));
      load.start();
      // A different stretch each time, so that kills fall on all phases of commits, acks and compaction.
      await load.until(500 + ((kill * 613) % 2_500));
      await hub.kill9();
      load.stop();
      await Promise.all(devices.map((device) => device.ended()));
      await hub.start();
    }
    // Nothing is sent any more: what is there now is what the kills left.
    let total = 0;
    for (const device of devices) {
      expect(device.remarks).toEqual([]);
      const stored = (await hub.http.history(device.id, 'n')).map(([, n]) => Number(n)).sort((a, b) => a - b);
      const twice = stored.filter((n, index) => n === stored[index - 1]);
      const missing = new Set(Array.from({ length: device.acked }, (_, index) => index + 1));
      for (const n of stored) missing.delete(n);
      expect({ device: device.id, twice, missing: [...missing] }).toEqual({
        device: device.id,
        twice: [],
        missing: [],
      });
      expect(device.acked).toBeGreaterThan(0);
      total += stored.length;
    }
    expect(total).toBeGreaterThanOrEqual(load.acked);
  });
});
