// `npm start`: builds what is out of date, then runs the hub with its embedded store and, unless
// FIELDLINE_DEMO=0, ten simulated devices, two for each profile that can be simulated.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const DEVICES_PER_PROFILE = 2;
/** Often enough to watch, and never less often than the profile expects. */
const LEAST_PER_SECOND = 0.5;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
console.log('Building what is out of date …');
await build('hub', 'device-sim', 'firmware-bridge');
const { main } = await import('../hub/bundle/main.js');
const { loadProfiles } = await import('@fieldline/protocol');
const { Fleet } = await import('../device-sim/dist/index.js');

async function startFleet(hub, config) {
  if (config.tls.cert !== null) {
    console.log('  No devices are simulated where the hub speaks TLS: they do not know its authority.\n');
    return async () => {};
  }
  const profiles = [...(await loadProfiles(config.profiles)).values()].filter(
    ({ simulate }) => simulate.size > 0,
  );
  const fleets = profiles.map(
    (profile) =>
      new Fleet({
        url: hub.url,
        profile,
        devices: DEVICES_PER_PROFILE,
        rate: Math.max(LEAST_PER_SECOND, 1_000 / (profile.intervalMs ?? 10_000)),
        tokenFile: join(config.data, `sim-${profile.name}.json`),
        apiToken: hub.adminToken,
      }),
  );
  for (const fleet of fleets) await fleet.open();
  console.log(
    `  ${fleets.length * DEVICES_PER_PROFILE} simulated devices are sending. Ctrl-C stops everything.\n`,
  );
  return async () => {
    await Promise.all(fleets.map((fleet) => fleet.close(1_000)));
  };
}

try {
  const isDemo = process.env.FIELDLINE_DEMO !== '0';
  const { FIELDLINE_DEMO: _, ...env } = process.env;
  await main({ env, ...(isDemo ? { onReady: startFleet } : {}) });
  process.exit(0);
} catch (error) {
  console.error(error.code ? `error: ${error.message}` : error);
  process.exit(1);
}
