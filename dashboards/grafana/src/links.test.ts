import { expect, test } from 'vitest';
import { viewIn } from '../../live/src/device/view-address.js';
import { parseRoute } from '../../live/src/shell/route.js';
import { livePageUrl } from './links.js';

test('the link to the live page is one that the page reads, with the device and the time', () => {
  const filled = livePageUrl('http://hub:8080/', 'pump-1')
    .replace('$' + '{__from}', '1767225600000')
    .replace('$' + '{__to}', '1767229200000');
  expect(filled).toBe('http://hub:8080/#/device/pump-1?from=1767225600000&to=1767229200000');
  const route = parseRoute(new URL(filled).hash);
  expect(route).toMatchObject({ page: 'device', id: 'pump-1' });
  const search = route.page === 'device' ? route.search : new URLSearchParams();
  expect(viewIn(search)).toEqual({ spanMs: 3_600_000, end: 1_767_229_200_000 });
});
