import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, overflow, PHONE, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';

const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA. */
const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
};

const COLOURS: RunOptions = {
  runOnly: { type: 'rule', values: ['color-contrast'] },
  resultTypes: ['violations'],
};

/** Every page that there is, by its address, and what opens above it, by its keys. */
const VIEWS: readonly { readonly hash: string; readonly keys?: string }[] = [
  { hash: '#/' },
  { hash: '#/', keys: '?' },
  { hash: '#/', keys: 'Control+k' },
  { hash: '#/?view=tiles' },
  { hash: '#/?q=kiln' },
  { hash: '#/device/greenhouse' },
  { hash: '#/device/greenhouse?tab=commands' },
  { hash: '#/device/greenhouse?tab=config' },
  { hash: '#/device/greenhouse?tab=log' },
  { hash: '#/device/greenhouse?tab=raw' },
  { hash: '#/device/greenhouse?tab=quarantine' },
  { hash: '#/device/nobody' },
  { hash: '#/alarms' },
  { hash: '#/alarms?tab=past' },
  { hash: '#/alarms?tab=rules' },
  { hash: '#/alarms?tab=channels' },
  { hash: '#/commands' },
  { hash: '#/commands?tab=jobs&new' },
  { hash: '#/connect' },
  { hash: '#/system' },
  { hash: '#/system?tab=audit' },
  { hash: '#/system?tab=people' },
  { hash: '#/system?tab=log-ins' },
  { hash: '#/system?tab=profiles' },
];

let hub: HubProcess;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  hub = await startHub({ env: { FIELDLINE_MQTT_EMBEDDED: 'false' } });
  const token = await hub.http.addDevice('greenhouse', {
    name: 'Greenhouse',
    profile: 'env-sensor',
    tags: { site: 'north' },
  });
  await hub.http.addDevice('cellar', { name: 'Cellar', tags: { site: 'south' } });
  const device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot: 'b1', seq: 0 });
  device.send({ type: 'telemetry', seq: 1, values: { temperature: 21.5, humidity: 48.2, rssi: -61 } });
  // An alarm that is over, one that is raised, and one that waits.
  device.send({ type: 'telemetry', seq: 2, values: { temperature: 45 } });
  device.send({ type: 'telemetry', seq: 3, values: { temperature: 21.5 } });
  device.send({ type: 'telemetry', seq: 4, values: { temperature: 61, humidity: 90 } });
  await device.acked(4);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

/** What axe finds on the page as it is: serious or critical, a line each. */
async function faults(page: Page, rules: RunOptions): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(rules)})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** In both themes: what is on the page is the same, so that in the dark only the colours are looked at. */
async function faultsInBothThemes(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await faults(page, RULES);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await faults(page, COLOURS);
  return [...light.map((fault) => `light: ${fault}`), ...dark.map((fault) => `dark: ${fault}`)];
}

/** Waits until what the address names is on screen, and nothing of it is on its way any more. */
async function show(page: Page, { hash, keys }: (typeof VIEWS)[number]): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await page.locator('main h1, main .empty').first().waitFor();
  await page.locator('main [aria-busy=true]').waitFor({ state: 'detached' });
  if (keys === undefined) return;
  await page.keyboard.press(keys);
  await page.locator('dialog[open]').waitFor();
}

const DESK: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };

describe.skipIf(!hasBrowser)('accessibility', () => {
  it.each([
    [1440, DESK],
    [390, PHONE],
  ] as const)(
    'finds nothing serious on any page in either theme, %i px; nothing leaves the hub',
    async (_, options) => {
      const { page, complaints, close } = await visit(browser, { ...options, reducedMotion: 'reduce' });
      await page.goto(hub.url);
      await page.locator('form').waitFor();
      const found = (await faultsInBothThemes(page)).map((fault) => `log-in, ${fault}`);
      await page.getByLabel('Name').fill('admin');
      await page.getByLabel('Password').fill(ADMIN_TOKEN);
      await page.keyboard.press('Enter');
      await page.locator('.top').waitFor();
      for (const view of VIEWS) {
        await show(page, view);
        const name = `${view.hash} ${view.keys ?? ''}`;
        found.push(...(await faultsInBothThemes(page)).map((fault) => `${name}, ${fault}`));
        if ((await overflow(page)) > 0) found.push(`${name}: scrolls sideways`);
        if (view.keys !== undefined) await page.keyboard.press('Escape');
      }
      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    },
  );
});
