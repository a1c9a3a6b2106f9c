// The devices in the pictures: a cold store with its yard. Most are well; the rest show what the page says of trouble.
import { loadProfiles } from '@fieldline/protocol';
import { Actor, MINUTE_MS } from './actor.mjs';

/** Devices that are well: their names by profile, and for how long there is history. */
const WELL = [
  {
    profile: 'cold-room',
    hours: 6,
    tags: { site: 'Lyon', hall: 'B' },
    names: ['Cold room 1', 'Cold room 2', 'Cold room 3', 'Blast freezer', 'Dock 2'],
  },
  {
    profile: 'env-sensor',
    hours: 6,
    tags: { site: 'Lyon', hall: 'A' },
    names: ['Packing hall', 'Office north', 'Plant room', 'Loading bay', 'Laboratory', 'Archive'],
  },
  { profile: 'pump', hours: 1, tags: { site: 'Yard' }, names: ['Well pump', 'Booster 1', 'Booster 2'] },
  { profile: 'soil-probe', hours: 24, tags: { site: 'Orchard' }, names: ['Row 4', 'Row 12', 'Row 31'] },
  { profile: 'power-meter', hours: 1, tags: { site: 'Lyon', hall: 'A' }, names: ['Feeder A', 'Feeder B'] },
];

/**
 * Registers the devices, writes what they measured before, and connects them.
 * @returns the ids of those that tell a story, what goes wrong at the end, and the way to end them all
 */
export async function openSite(hub, root) {
  const profiles = await loadProfiles(`${root}profiles`);
  const actors = [];
  const enter = async (id, { profile, ...part }) => {
    const actor = new Actor(hub, { id, profile: profiles.get(profile), ...part });
    actors.push(actor);
    await actor.open();
    return actor;
  };

  for (const { names, ...kind } of WELL) {
    for (const [at, name] of names.entries()) {
      const actor = await enter(`${kind.profile}-0${at + 1}`, { name, ...kind });
      actor.beat();
    }
  }
  // A door that does not close: warmer than it may be for some minutes, and once before. It says ok and does nothing.
  const warm = await enter('ripening-1', {
    name: 'Ripening room',
    profile: 'cold-room',
    hours: 6,
    tags: { site: 'Lyon', hall: 'B' },
    story: warmStory,
    onCommand: () => ({ status: 'ok' }),
    onConfig: () => {
      throw new Error('hysteresis: the controller takes 0.5 to 2 K');
    },
  });
  warm.beat();
  // It goes away with the first command.
  const lost = await enter('greenhouse-2', {
    name: 'Greenhouse 2',
    profile: 'env-sensor',
    hours: 6,
    tags: { site: 'Orchard' },
    onCommand: () => new Promise(() => setTimeout(() => lost.close(), 50)),
  });
  lost.beat();
  actors.find(({ id }) => id === 'env-sensor-01').stumble();
  // One reading, and then silence.
  await enter('sump-3', { name: 'Sump 3', profile: 'pump', hours: 1, tags: { site: 'Yard' } });
  const asleep = { profile: 'soil-probe', hours: 24, tags: { site: 'Orchard' }, sleepMs: 15 * MINUTE_MS };
  const probe = await enter('soil-probe-04', { name: 'Row 8', ...asleep });
  await probe.close();
  const behind = { profile: 'pump', hours: 1, tags: { site: 'Orchard' } };
  const irrigation = [];
  for (const at of [1, 2, 3]) {
    const actor = await enter(`irrigation-${at}`, { name: `Irrigation ${at}`, ...behind });
    actor.beat();
    irrigation.push(actor);
  }
  await hub.api('/devices', { id: 'kiln-1', name: 'Kiln', profile: 'env-sensor', tags: { site: 'Yard' } });
  return {
    ids: { chart: 'cold-room-02', warm: warm.id, lost: lost.id },
    /** A switch in the field loses its power. */
    fail: () => Promise.all(irrigation.map((actor) => actor.close())),
    close: () => Promise.all(actors.map((actor) => actor.close())),
  };
}

/** Two rises above 8 °C: one that is over, and one that goes on. @param ago minutes before now */
function warmStory(ago, values) {
  const rise = ago < 16 ? Math.min(1, (16 - ago) / 6) * 5.4 : Math.max(0, 1 - Math.abs(ago - 190) / 20) * 7;
  return {
    ...values,
    temperature: Math.round((values.temperature + rise) * 100) / 100,
    ...(ago < 14 && { door: true, compressor: true, mode: 'cooling' }),
  };
}
