import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { portList } from '../port/serial-line.js';
import type { Host } from './host.js';

const BY_ID = '/dev/serial/by-id';

/** Prints the serial ports of this machine with all that a configuration may say of them. */
export async function listPorts(json: boolean, host: Host): Promise<void> {
  const links = await linksById();
  const ports = (await portList.list()).map(({ path, manufacturer, vendorId, productId, serialNumber }) => {
    return { path, byId: links.get(path), vendorId, productId, serialNumber, manufacturer };
  });
  if (json) {
    host.stdout.write(`${JSON.stringify(ports)}\n`);
    return;
  }
  if (ports.length === 0)
    host.stdout.write('No serial ports. Ptys are never listed: name them by their path.\n');
  for (const { path, byId, vendorId, productId, serialNumber, manufacturer } of ports) {
    host.stdout.write(`${path}\n`);
    if (byId !== undefined) host.stdout.write(`  path    ${byId}\n`);
    if (vendorId !== undefined) {
      const serial = serialNumber === undefined ? '' : `, serial: "${serialNumber}"`;
      host.stdout.write(`  usb     { vendor: "${vendorId}", product: "${productId ?? ''}"${serial} }\n`);
    }
    if (manufacturer !== undefined) host.stdout.write(`  made by ${manufacturer}\n`);
  }
}

/** Names that stay with a board, by the path that it has now. */
async function linksById(): Promise<Map<string, string>> {
  const names = await readdir(BY_ID).catch(() => []);
  const pairs = names.map(async (name) => {
    const link = join(BY_ID, name);
    return [await realpath(link).catch(() => link), link] as const;
  });
  return new Map(await Promise.all(pairs));
}
