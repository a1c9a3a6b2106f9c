import { expect, test } from 'vitest';
import { openBoardLinks } from './board-links.js';

const profiles = new Set(['pump', 'pumps.of-the-northern-plant']);

test('leads to the board of the profile, or to the one of all others', async () => {
  const link = await openBoardLinks('https://example.org/grafana/', profiles);
  const board = 'https://example.org/grafana/d/fieldline-device';
  expect(link('p-1', 'pump')).toBe(`${board}-pump?var-profile=pump&var-device=p-1`);
  expect(link('p-1', null)).toBe(`${board}-default?var-profile=default&var-device=p-1`);
  expect(link('p-1', 'gone')).toBe(`${board}-default?var-profile=gone&var-device=p-1`);
  // A name that Grafana takes in no address.
  expect(link('a b', 'pumps.of-the-northern-plant')).toMatch(
    /-device-pumps-of-the-n-[0-9a-f]{8}\?var-profile=pumps\.of-the-northern-plant&var-device=a\+b$/,
  );
});

test('says nothing where nobody has said where Grafana is, and never how the hub logs in', async () => {
  expect((await openBoardLinks(null, profiles))('p-1', 'pump')).toBeNull();
  expect((await openBoardLinks('http://me:secret@g:3000', profiles))('p-1', 'pump')).toMatch(
    /^http:\/\/g:3000\/d\//,
  );
});
