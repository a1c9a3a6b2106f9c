import type { Context } from '../context.js';
import { printFirstSteps } from '../first-steps.js';
import { withHint } from '../with-hint.js';

export interface AddDeviceOptions {
  readonly profile?: string;
  readonly name?: string;
  readonly tag?: Record<string, string>;
  readonly json?: true;
}

/** Registers a device, prints its token once, and shows how to send a first reading. */
export async function addDevice(
  { terminal, hub }: Context,
  id: string,
  options: AddDeviceOptions,
): Promise<void> {
  const client = await hub();
  const added = client.addDevice({
    id,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
  });
  const another = `Another token for it: fieldline token add ${id}`;
  const { device, token } = await withHint(added, 'device_exists', () => another);
  if (options.json) return terminal.print(JSON.stringify({ device, token }));
  const { bold, dim } = terminal.colors;
  const profile = device.profile === null ? 'without a profile' : `with profile ${device.profile}`;
  terminal.print(`Device ${bold(device.id)} is registered ${profile}.`);
  terminal.print();
  terminal.print(`  ${bold(token)}   ${dim('its token; shown once, so keep it now')}`);
  terminal.print();
  // From here on nothing may fail: the token above is shown this once.
  const [profileDocument, connection] = await Promise.all([
    device.profile === null ? null : client.profile(device.profile).catch(() => null),
    client.connectionInfo().catch(() => null),
  ]);
  const hubUrl = client.connection.url;
  printFirstSteps(terminal, { hubUrl, device: device.id, token, profile: profileDocument, connection });
}
