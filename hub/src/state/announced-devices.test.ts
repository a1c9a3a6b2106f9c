import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnnouncedDevices } from './announced-devices.js';
import { TestState } from './state.fixture.js';

let state: TestState;
beforeEach(() => {
  state = new TestState();
});
afterEach(() => state.remove());

describe('announced devices', () => {
  it('outlive a restart, in order of the topic', () => {
    const rows = Array.from({ length: 1_001 }, (_, i) => ({
      topic: `homeassistant/device/d${String(i).padStart(4, '0')}/config`,
      components: { [`sensor_${i}`]: 'sensor' },
    }));
    new AnnouncedDevices(state.file).save([...rows].reverse());
    expect([...new AnnouncedDevices(state.reopen()).all()]).toEqual(rows);
  });

  it('are replaced, and forgotten', () => {
    const announced = new AnnouncedDevices(state.file);
    announced.save([
      { topic: 'a', components: { sensor_x: 'sensor' } },
      { topic: 'b', components: {} },
    ]);
    announced.save([{ topic: 'a', components: { binary_sensor_y: 'binary_sensor' } }]);
    announced.forget(['b', 'unknown']);
    expect([...announced.all()]).toEqual([{ topic: 'a', components: { binary_sensor_y: 'binary_sensor' } }]);
  });
});
