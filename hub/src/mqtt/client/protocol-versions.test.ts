import { expect, test } from 'vitest';
import { ProtocolVersions } from './protocol-versions.js';

test('MQTT 5 until the broker has refused it, and never again', () => {
  const versions = new ProtocolVersions();
  expect(versions.current).toBe(5);
  versions.refused(5);
  expect(versions.current).toBe(4);
  versions.refused(4);
  versions.answered();
  expect(versions.current).toBe(4);
});

test('a broker that hangs up now and then is no refusal; one that always does is offered both in turn', () => {
  const versions = new ProtocolVersions();
  versions.hungUp();
  versions.hungUp();
  versions.answered();
  versions.hungUp();
  versions.hungUp();
  expect(versions.current).toBe(5);
  versions.hungUp();
  expect(versions.current).toBe(4);
  for (let n = 0; n < 3; n++) versions.hungUp();
  expect(versions.current).toBe(5);
});
