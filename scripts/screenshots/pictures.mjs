// Which pictures there are.
import { DESK, PHONE } from './camera.mjs';

/** A little smaller than windows are: a picture in a document stays below 150 kB. */
const PAPER = { viewport: { width: 1200, height: 780 } };
const PAPER_PHONE = { ...PHONE, viewport: { width: 390, height: 800 }, deviceScaleFactor: 1.5 };

/** The pictures of the documents. */
export function documented({ warm }) {
  const device = `#/device/${warm}?range=1h`;
  return [
    { name: 'fleet', hash: '#/' },
    { name: 'device', hash: device },
    { name: 'device-dark', hash: device, theme: 'dark' },
    { name: 'alarms', hash: '#/alarms', act: (page) => page.locator('tr[data-alarm]').first().click() },
    { name: 'commands', hash: `#/device/${warm}?tab=commands` },
    { name: 'connect', hash: '#/connect' },
    { name: 'phone', hash: '#/', size: PAPER_PHONE },
  ].map((picture) => ({ size: PAPER, ...picture }));
}

/** Every page and most of what opens above it, in both themes and both widths. */
export function every({ chart, warm, lost }) {
  const tabs = ['charts', 'commands', 'config', 'log', 'raw', 'quarantine'];
  const send = async (page) => {
    await page.getByRole('radio', { name: 'On', exact: true }).first().click();
    await page.locator('dialog[open]').waitFor();
  };
  /** By thumb: there is no such button on a desk. */
  const pick = async (page) => {
    const select = page.getByRole('button', { name: 'Select', exact: true });
    if (!(await select.isVisible())) return;
    await select.click();
    await page.locator('.rw').nth(1).click();
  };
  const more = async (page, item) => {
    await page.getByRole('button', { name: /^More:/ }).click();
    if (item) await page.getByRole('menuitem', { name: item }).click();
  };
  const views = [
    { name: 'fleet', hash: '#/' },
    { name: 'fleet-tiles', hash: '#/?view=tiles' },
    {
      name: 'fleet-selected',
      hash: '#/',
      act: (page) => page.keyboard.press('j').then(() => page.keyboard.press('x')),
    },
    { name: 'fleet-picking', hash: '#/', act: pick },
    { name: 'fleet-nothing', hash: '#/?q=kil%20n' },
    { name: 'shortcuts', hash: '#/', act: (page) => page.keyboard.press('?') },
    { name: 'palette', hash: `#/device/${chart}`, act: (page) => page.keyboard.press('Control+k') },
    ...tabs.map((tab) => ({ name: `device-${tab}`, hash: `#/device/${chart}?tab=${tab}`, whole: true })),
    ...tabs
      .slice(0, 3)
      .map((tab) => ({ name: `warm-${tab}`, hash: `#/device/${warm}?tab=${tab}`, whole: true })),
    { name: 'lost-commands', hash: `#/device/${lost}?tab=commands`, whole: true },
    { name: 'lost-config', hash: `#/device/${lost}?tab=config`, whole: true },
    { name: 'refused', hash: '#/device/env-sensor-01?tab=quarantine' },
    { name: 'stale', hash: '#/device/sump-3' },
    { name: 'asleep', hash: '#/device/soil-probe-08?range=24h' },
    { name: 'offline', hash: '#/device/irrigation-1?tab=commands' },
    { name: 'never', hash: '#/device/kiln-1' },
    { name: 'more', hash: `#/device/${chart}`, act: (page) => more(page) },
    { name: 'tags', hash: `#/device/${chart}`, act: (page) => more(page, 'Tags…') },
    { name: 'tokens', hash: `#/device/${chart}`, act: (page) => more(page, 'Tokens…') },
    { name: 'delete', hash: `#/device/${chart}`, act: (page) => more(page, 'Delete…') },
    { name: 'alarms', hash: '#/alarms' },
    { name: 'alarm', hash: '#/alarms', act: (page) => page.locator('tr[data-alarm]').first().click() },
    { name: 'alarms-past', hash: '#/alarms?tab=past' },
    { name: 'alarms-rules', hash: '#/alarms?tab=rules', whole: true },
    { name: 'alarms-channels', hash: '#/alarms?tab=channels' },
    { name: 'commands', hash: '#/commands' },
    { name: 'jobs', hash: '#/commands?tab=jobs', whole: true },
    { name: 'job-new', hash: '#/commands?tab=jobs&new' },
    { name: 'connect', hash: '#/connect', whole: true },
    { name: 'connect-claims', hash: '#/connect?tab=fleet' },
    { name: 'system', hash: '#/system', whole: true },
    { name: 'audit', hash: '#/system?tab=audit' },
    { name: 'people', hash: '#/system?tab=people', whole: true },
    { name: 'log-ins', hash: '#/system?tab=log-ins' },
    { name: 'profiles', hash: '#/system?tab=profiles', whole: true },
    { name: 'profile', hash: '#/system?tab=profiles&profile=cold-room' },
    { name: 'send', hash: `#/device/env-sensor-01?tab=commands`, act: send },
  ];
  return [DESK, PHONE].flatMap((size) =>
    ['light', 'dark'].flatMap((theme) =>
      views.map((view) => ({ ...view, size, theme, name: `${size.viewport.width}-${theme}-${view.name}` })),
    ),
  );
}
