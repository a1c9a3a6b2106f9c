import { access } from 'node:fs/promises';
import type { PortMatch } from '../config/config.js';
import type { PortList } from './port-list.js';

/**
 * The path of the port that fits. A path is taken as it is, since ptys and links to ports are in no list.
 * @throws Error that says what was not found
 */
export async function findPort(match: PortMatch, ports: Pick<PortList, 'list'>): Promise<string> {
  if ('path' in match) {
    // Windows' names (COM3) are no files.
    if (match.path.startsWith('/'))
      await access(match.path).catch(() => absent(`${match.path} is not there`));
    return match.path;
  }
  const found = (await ports.list()).filter(
    ({ vendorId, productId, serialNumber }) =>
      same(vendorId, match.vendorId) &&
      same(productId, match.productId) &&
      (match.serialNumber === undefined || same(serialNumber, match.serialNumber)),
  );
  const wanted = [match.vendorId, match.productId, match.serialNumber].filter(Boolean).join(':');
  const [first, second] = found;
  if (first === undefined) return absent(`no USB device ${wanted} is plugged in`);
  if (second !== undefined)
    absent(`${found.length} USB devices are ${wanted}: say which by its serial number`);
  return first.path;
}

function absent(message: string): never {
  throw new Error(message);
}

/** USB ids are hexadecimal, and written in either case. */
function same(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
