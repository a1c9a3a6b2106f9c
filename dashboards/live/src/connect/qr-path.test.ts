import { expect, it } from 'vitest';
import { qrPath } from './qr-path.js';

it('a code has its three finders, and all its modules', () => {
  const { size, path } = qrPath('ws://esp-1:fld_abc@192.168.4.2:8080/ws/v1/device');
  expect((size - 17) % 4).toBe(0);
  expect(path.startsWith('M0 0h7v1H0z')).toBe(true);
  expect(path).toContain(`M${size - 7} 0h7v1H${size - 7}z`);
  expect(path).toContain(`M0 ${size - 1}h7v1H0z`);
  expect(path).toMatch(/^(M\d+ \d+h\d+v1H\d+z)+$/);
});
