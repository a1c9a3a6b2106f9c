import { expect, it } from 'vitest';
import { openError } from './open-error.js';

it.each([
  // As the binding words them (serialport_unix.cpp).
  ['Error Resource temporarily unavailable Cannot lock port', '/dev/x is open in another program'],
  [
    'Error: Permission denied, cannot open /dev/x',
    '/dev/x may not be opened: is the user in the group dialout?',
  ],
  [
    'Error: No such file or directory, cannot open /dev/x',
    'Error: No such file or directory, cannot open /dev/x',
  ],
])('says what is behind "%s"', (message, meaning) => {
  expect(openError(new Error(message), '/dev/x').message).toBe(meaning);
});
