import type { Context } from '../context.js';
import { curlExample, type FirstSteps, isLoopback, sketchExample } from '../first-steps.js';
import type { Terminal } from '../terminal.js';

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
  const { device, token } = await client.addDevice({
    id,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
  });
  if (options.json) return terminal.print(JSON.stringify({ device, token }));
  const { bold, dim } = terminal.colors;
  const profile = device.profile === null ? 'without a profile' : `with profile ${device.profile}`;
  terminal.print(`Device ${bold(device.id)} is registered ${profile}.`);
  terminal.print();
  terminal.print(`  ${bold(token)}   ${dim('its token; shown once, so keep it now')}`);
  terminal.print();
  printFirstSteps(terminal, { hubUrl: client.connection.url, device: device.id, token });
}

function printFirstSteps(terminal: Terminal, steps: FirstSteps): void {
  const { dim } = terminal.colors;
  terminal.print('Send a first reading:');
  terminal.print();
  terminal.print(curlExample(steps));
  terminal.print();
  terminal.print('Or put this on an ESP32:');
  terminal.print();
  terminal.print(sketchExample(steps));
  if (isLoopback(steps.hubUrl)) {
    terminal.print();
    terminal.print(
      dim('A board needs the address of this machine in its network, and a hub with FIELDLINE_HOST=0.0.0.0.'),
    );
  }
}
