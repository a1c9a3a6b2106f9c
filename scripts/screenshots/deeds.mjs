// What people have done before the pictures are taken: commands with every kind of end, a job, configurations, refusals.
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 60_000;

/** Asks `probe` until it answers something. */
export async function until(what, probe) {
  for (const startedAt = Date.now(); Date.now() - startedAt < WAIT_MS; await sleep(200)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Does it all, and waits until the hub tells how it ended. */
export async function doDeeds(hub, { chart, warm, lost }) {
  const command = (device, name, params = {}) => hub.api(`/devices/${device}/commands`, { name, params });
  const ends = (id, what, ended) => until(what, async () => ended(await hub.api(`/commands/${id}`)));
  const verified = await command(chart, 'setpoint.set', { celsius: 3.5 });
  const contradicted = await command(warm, 'setpoint.set', { celsius: 2 });
  const unknown = await command(lost, 'relay.set', { on: true });
  await hub.api('/jobs', {
    name: 'identify',
    params: { seconds: 10 },
    devices: [
      'env-sensor-01',
      'env-sensor-02',
      'env-sensor-03',
      'env-sensor-04',
      'env-sensor-05',
      'env-sensor-06',
    ],
    perSecond: 5,
  });
  await hub.api(
    `/devices/${chart}/config`,
    { desired: { interval: 5000, hysteresis: 1.5 } },
    { method: 'PUT' },
  );
  await hub.api(`/devices/${warm}/config`, { desired: { interval: 5000, hysteresis: 4 } }, { method: 'PUT' });
  await hub.api(`/devices/${lost}/config`, { desired: { interval: 30000 } }, { method: 'PUT' });
  await hub.api('/users', { username: 'ines', password: 'late bus to Lyon', role: 'operator' });
  await hub.api('/users', { username: 'jon', password: 'cold store door 7', role: 'viewer' });
  await ends(verified.id, 'a command to be verified', ({ verification }) => verification === 'verified');
  await ends(
    contradicted.id,
    'a command to be contradicted',
    ({ verification }) => verification === 'contradicted',
  );
  await ends(unknown.id, 'a command without an answer', ({ state }) => state === 'timed_out');
  const { items } = await until('an alarm', async () => {
    const raised = await hub.api(`/alarms?state=raised&device=${warm}`);
    return raised.items.some(({ metric }) => metric === 'door') && raised;
  });
  const mara = await hub.api('/tokens', { name: 'mara', role: 'operator' });
  const door = items.find(({ metric }) => metric === 'door');
  const note = { note: 'Pallet in the door, on my way' };
  await hub.api(`/alarms/${door.id}/acknowledge`, note, { token: mara.token });
}
