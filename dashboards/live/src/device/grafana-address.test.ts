import { expect, test } from 'vitest';
import { grafanaAddress } from './grafana-address.js';

const BOARD = 'http://g:3000/d/fieldline-device-pump?var-profile=pump&var-device=p-1';

test('Grafana follows time where the view does, and else shows the same part of it', () => {
  expect(grafanaAddress(BOARD, { spanMs: 300_000, end: null })).toBe(`${BOARD}&from=now-300s&to=now`);
  const held = { spanMs: 3_600_000, end: 1_767_229_200_000 };
  expect(grafanaAddress(BOARD, held)).toBe(`${BOARD}&from=1767225600000&to=1767229200000`);
});
