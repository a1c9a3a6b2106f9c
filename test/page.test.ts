import { mkdirSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { logIn, loginLink } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';

const CHROMIUM = '/usr/bin/chromium';
const ARTIFACTS = `${ROOT}test/.artifacts`;
const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);

let hub: HubProcess;
let browser: Browser;
let token: string;
let device: DeviceClient;
let seq = 0;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  hub = await startHub();
  token = await hub.http.addDevice('greenhouse', { name: 'Greenhouse', profile: 'env-sensor' });
  await connect();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

async function connect(): Promise<void> {
  device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot: 'b1', seq });
}

/** Sends one reading and waits until it is on disk. */
async function measure(values: Readonly<Record<string, unknown>>): Promise<void> {
  seq += 1;
  device.send({ type: 'telemetry', seq, values });
  await device.acked(seq);
}

/** What the page complains about; the browser's own note of a refused request or a lost connection is none. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}

/** How often the unchanged value of a row is written while its age is, twice: in the same drawings. */
const WRITES_OF_PLAIN = `(async () => {
  const row = document.querySelector('.rw[data-id=plain]');
  const watch = (part, noted) =>
    new MutationObserver(noted).observe(part, { characterData: true, childList: true, subtree: true });
  let writes = 0;
  watch(row.querySelector('.val'), () => writes++);
  for (let n = 0; n < 2; n++) await new Promise((resolve) => watch(row.querySelector('.fresh b'), resolve));
  return writes;
})()`;

describe.skipIf(!hasBrowser)('the page', () => {
  it('logs in by the printed link, once, and shows values as they change', async () => {
    await measure({ temperature: 21.5, humidity: 48.2, door: false });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const link = await loginLink(hub);
    await logIn(page, hub);
    await page.getByText('Greenhouse').first().waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/fleet-desktop.png` });
    await page.getByText('Greenhouse').first().click();

    const latest = page.locator('.readouts');
    await latest.getByText('21.5').waitFor();
    await measure({ temperature: 22.7, humidity: 48.2, door: true });
    await latest.getByText('22.7').waitFor();
    expect(await latest.getByText('21.5').count()).toBe(0);
    // A chart's head tells the range of what it draws.
    await page.getByText('21.5 to 22.7').first().waitFor();
    expect(await page.locator('canvas').count()).toBeGreaterThan(0);
    await page.screenshot({ path: `${ARTIFACTS}/device-desktop.png` });
    expect(await overflow(page)).toBe(0);

    const stranger = await browser.newContext();
    const second = await stranger.newPage();
    await second.goto(link);
    await second.locator('input').first().waitFor();
    expect(await second.getByText('Greenhouse').count()).toBe(0);
    await stranger.close();

    // The hub goes away and comes back on the same port: the page reconnects by itself, without a new log-in.
    await hub.restart();
    await connect();
    await measure({ temperature: 23.1 });
    await latest.getByText('23.1').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('has its bar on screen before the hub has said who this is', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/v1/session', (route) => held.then(() => route.continue()));
    await page.goto(hub.url);
    await page.locator('.opening .brand').waitFor();
    expect(await page.locator('main').count()).toBe(0);
    answer();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await context.close();
  });

  it('fits a phone', async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const plain = await hub.http.addDevice('plain');
    await hub.http.request('/api/v1/ingest/plain', { token: plain, body: { values: { count: 5 } } });
    await logIn(page, hub);
    await page.getByText('Greenhouse').first().waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/fleet-phone.png` });
    expect(await overflow(page)).toBe(0);
    await page.locator('.rw[data-id=plain] .val', { hasText: '5' }).waitFor();
    expect(await page.evaluate<number>(WRITES_OF_PLAIN)).toBe(0);
    await page.getByText('Greenhouse').first().click();
    await page.locator('.readouts').getByText('23.1').waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/device-phone.png` });
    expect(await overflow(page)).toBe(0);
    await page.goto(`${hub.url}/#/nosuch`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await overflow(page)).toBe(0);
    await page.getByRole('link', { name: 'Show the fleet' }).click();
    await page.getByText('Greenhouse').first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
