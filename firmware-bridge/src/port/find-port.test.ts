import { describe, expect, it } from 'vitest';
import { findPort } from './find-port.js';
import { type PortInfo, PortList } from './port-list.js';

const port = (path: string, vendorId: string, productId: string, serialNumber?: string): PortInfo => ({
  path,
  vendorId,
  productId,
  serialNumber,
  manufacturer: undefined,
  pnpId: undefined,
  locationId: undefined,
});
const PORTS = [
  port('/dev/ttyACM0', '2341', '0043', '7503'),
  port('/dev/ttyACM1', '2341', '0043', '7504'),
  port('/dev/ttyUSB0', '1a86', '7523'),
];
const ports = { list: async () => PORTS };

describe('a port', () => {
  it.each([
    [{ vendorId: '1A86', productId: '7523' }, '/dev/ttyUSB0'],
    [{ vendorId: '2341', productId: '0043', serialNumber: '7504' }, '/dev/ttyACM1'],
    [{ path: '/dev/null' }, '/dev/null'],
    [{ path: 'COM3' }, 'COM3'],
  ])('%j is found at %s', async (match, path) => expect(await findPort(match, ports)).toBe(path));

  it.each([
    [{ path: '/dev/nothing' }, '/dev/nothing is not there'],
    [{ vendorId: 'ffff', productId: '7523' }, 'no USB device ffff:7523 is plugged in'],
    [{ vendorId: '2341', productId: '0043' }, '2 USB devices are 2341:0043: say which by its serial number'],
  ])('%j is not: %s', (match, message) => expect(findPort(match, ports)).rejects.toThrow(message));
});

describe('the list of ports', () => {
  it('is asked for once a second, by however many', async () => {
    let now = 0;
    let asked = 0;
    const list = new PortList(
      {
        async list() {
          asked++;
          return PORTS;
        },
      },
      () => now,
    );
    await Promise.all([list.list(), list.list()]);
    expect(await list.serialNumberOf('/dev/ttyACM0')).toBe('7503');
    expect(await list.serialNumberOf('/dev/ttyUSB0')).toBeUndefined();
    expect(asked).toBe(1);
    now = 1_000;
    await list.list();
    expect(asked).toBe(2);
  });

  it('says what is missing where the system cannot tell', async () => {
    const absent = Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' });
    const list = new PortList({ list: () => Promise.reject(absent) });
    await expect(list.list()).rejects.toThrow('udevadm is not there');
    expect(await list.serialNumberOf('/dev/ttyUSB0')).toBeUndefined();
  });
});
