import type { DeviceView } from '@fieldline/protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, overflow, PHONE, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';

const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const COUNT = 10_000;

let hub: HubProcess;
let browser: Browser;
let device: DeviceClient;

beforeAll(async () => {
  if (!hasBrowser) return;
  hub = await startHub({ env: { FIELDLINE_MQTT_EMBEDDED: 'false' } });
  const token = await hub.http.addDevice('probe', { name: 'Probe', tags: { site: 'north' } });
  device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot: 'b1', seq: 0 });
  device.send({ type: 'telemetry', seq: 1, values: { temperature: 21.5 } });
  await device.acked(1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

async function enter(page: Page, hash = '#/'): Promise<void> {
  await page.goto(`${hub.url}/${hash}`);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await page.locator('.top').waitFor();
}

/** Answers the list of devices with ten thousand like the one that there is: to register them would take a minute. */
async function multiply(page: Page, change: (n: number) => Partial<DeviceView> = () => ({})): Promise<void> {
  const one = await hub.http.get<DeviceView>('/api/v1/devices/probe');
  const all = Array.from({ length: COUNT }, (_, n) => ({
    ...one,
    id: `dev-${n}`,
    name: `Device ${n}`,
    interval: 60_000,
    ...change(n),
  }));
  await page.route('**/api/v1/devices?*', async (route) => {
    const search = new URL(route.request().url()).searchParams;
    const from = Number(search.get('cursor') ?? 0);
    const to = from + Number(search.get('limit'));
    await route.fulfill({ json: { items: all.slice(from, to), next: to < COUNT ? String(to) : null } });
  });
}

const rows = (page: Page): Promise<number> => page.locator('.rw').count();
const scroll = (page: Page, what: string, to: string): Promise<void> =>
  page.evaluate(`${what}.scrollTop = ${to}`);

describe.skipIf(!hasBrowser)('the fleet', () => {
  it('has ten thousand rows, of which those in view exist', async () => {
    const { page, complaints, close } = await visit(browser);
    await multiply(page);
    await enter(page);
    await page.getByText('10,000 devices', { exact: true }).waitFor();
    expect(await rows(page)).toBeLessThan(60);
    const viewport = `document.querySelector('.vp')`;
    await scroll(page, viewport, `${viewport}.scrollHeight`);
    await page.getByText('Device 9999', { exact: true }).waitFor();
    expect(await rows(page)).toBeLessThan(60);

    await page.keyboard.press('v');
    await page.locator('.tile').first().waitFor();
    expect(await page.locator('.tile').count()).toBeLessThan(160);
    await scroll(page, 'document.documentElement', '1e9');
    await page.getByText('Device 9999', { exact: true }).waitFor();
    expect(await page.locator('.tile').count()).toBeLessThan(160);

    await page.keyboard.press('v');
    await page.keyboard.press('/');
    await page.keyboard.type('device 4711');
    await page.getByText('1 of 10,000 devices').waitFor();
    expect(page.url()).toContain('q=device+4711');
    expect(complaints).toEqual([]);
    await close();
  });

  it('is drawn in a few layers, however many rows are in view', async () => {
    const { page, close } = await visit(browser);
    await multiply(page);
    await enter(page);
    await page.locator('.rw .spark').nth(10).waitFor();
    await page.locator('.rw .fresh').nth(10).waitFor();
    // Each canvas and each running animation is a layer of its own, and what is drawn after it another.
    const tools = await page.context().newCDPSession(page);
    const painted = new Promise<number>((resolve) =>
      tools.on('LayerTree.layerTreeDidChange', ({ layers }) => layers && resolve(layers.length)),
    );
    await tools.send('DOM.enable');
    await tools.send('LayerTree.enable');
    expect(await painted).toBeLessThan(20);
    await close();
  });

  it('is walked and chosen from by keys alone, and what is chosen goes to a group job', async () => {
    const { page, complaints, close } = await visit(browser);
    await multiply(page);
    await enter(page);
    // All of them: what is chosen at once is what has come.
    await page.getByText('10,000 devices', { exact: true }).waitFor();
    for (const key of ['j', 'j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
    await page.getByText('3 selected').waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    await page.getByText('2 selected').waitFor();
    await page.getByLabel('Select all shown').click();
    await page.getByText('10,000 selected').waitFor();
    await page.getByRole('button', { name: 'Select nothing' }).click();
    await page.locator('.rw[tabindex="0"]').focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Send a command' }).click();
    await page.waitForURL(/#\/commands\?/);
    expect(complaints).toEqual([]);
    await close();
  });

  it('is chosen from by a thumb, and narrowed by any tag', async () => {
    const { page, complaints, close } = await visit(browser, PHONE);
    const lost = { online: false, lastDisconnect: { reason: 'timeout', at: Date.now() - 60_000 } };
    await multiply(page, (n) => (n >= 5 && n < 8 ? lost : {}));
    await enter(page);
    await page.getByText('3 went offline together').waitFor();
    await page.getByText('Device 2', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Select', exact: true }).tap();
    for (const name of ['Device 0', 'Device 2']) {
      await page.locator('.rw', { has: page.getByText(name, { exact: true }) }).tap();
    }
    await page.getByText('2 selected').waitFor();
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Done' }).tap();
    await page.getByText('2 selected').waitFor({ state: 'detached' });

    // All devices have the same site, so that it divides nothing and has no chip of its own.
    await page.getByRole('combobox', { name: 'Filter' }).selectOption({ label: 'north' });
    await page.getByRole('button', { name: 'Clear the filter site north' }).tap();
    await page.getByRole('combobox', { name: 'Filter' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('finds devices and pages by a few letters, and goes to places by g and a letter', async () => {
    const { page, complaints, close } = await visit(browser);
    await enter(page);
    await page.locator('.rw').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find' }).fill('prob');
    await page.getByRole('option', { name: /Probe/ }).first().click();
    await page.waitForURL(/#\/device\/probe/);
    await page.getByRole('combobox', { name: 'Find' }).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: /probe/i }).first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(/#\/system/);
    // What had the focus is gone with its page: the next Tab goes on in the new one.
    await page.locator('main:focus', { has: page.getByRole('heading', { name: 'System' }) }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('keeps what was typed when the session ends, and goes on after the password', async () => {
    const { page, complaints, close } = await visit(browser);
    await enter(page);
    await page.getByRole('searchbox').fill('prob');
    await page.locator('.rw').first().waitFor();
    await page.context().request.delete(`${hub.url}/api/v1/session`, { headers: { origin: hub.url } });
    const dialog = page.getByRole('dialog', { name: 'Your session ended' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.getByLabel('Password for admin').fill('wrong');
    await page.keyboard.press('Enter');
    await dialog.getByText('Name and password do not match.').waitFor();
    await dialog.getByLabel('Password for admin').fill(ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    // The page is the same as before, and live again.
    expect(await page.getByRole('searchbox').inputValue()).toBe('prob');
    await page.getByRole('button', { name: /^Live/ }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('says that a part did not arrive, as after an upgrade, and offers a reload', async () => {
    const { page, close } = await visit(browser);
    await enter(page);
    await page.route('**/assets/system-page*.js', (route) => route.fulfill({ status: 404 }));
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByText('This page did not arrive.').waitFor();
    await page.unroute('**/assets/system-page*.js');
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'System' }).waitFor();
    await close();
  });

  it('stays and ages while the hub is away, with one scrollbar, and says when it is back', async () => {
    const { page, close } = await visit(browser, { viewport: { width: 1280, height: 800 } });
    await enter(page);
    await page.locator('.rw').first().waitFor();
    // From when it is, is known once values were live.
    await page.getByRole('button', { name: /^Live/ }).waitFor();
    await hub.kill9();
    await page.getByText(/What you see is from \d\d:\d\d:\d\d and ages/).waitFor();
    expect(await page.locator('.rw').count()).toBeGreaterThan(0);
    const spill = () => page.evaluate<number>('document.documentElement.scrollHeight - window.innerHeight');
    await expect.poll(spill).toBe(0);
    await hub.restart();
    await page.getByText(/^Back since \d\d:\d\d:\d\d/).waitFor();
    await expect.poll(spill).toBe(0);
    await close();
  });
});
