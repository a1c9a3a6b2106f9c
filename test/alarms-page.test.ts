import { mkdirSync, writeFileSync } from 'node:fs';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhookReceiver } from './kit/alarm-receivers.js';
import { type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, logIn, overflow, PHONE, type Visit, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

/** Without an interval: no device of this test falls silent. */
const PROFILE = `
profile: room
metrics:
  temperature: { type: number, unit: Cel, title: Temperature, decimals: 1, warn: { above: 40 }, alarm: { above: 60, hysteresis: 0.5 } }
  humidity: { type: number, unit: "%", title: Humidity, alarm: { above: 90, for: 5m } }
`;
const ARTIFACTS = `${ROOT}test/.artifacts`;
const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);

const profiles = tempDir('profiles');
let hub: HubProcess;
let hooks: WebhookReceiver;
let browser: Browser;
let desk: Visit;
let page: Page;
let id: string;
let token: string;
let count = 0;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  hooks = await WebhookReceiver.listen();
  writeFileSync(`${profiles.path}/room.yaml`, PROFILE);
  hub = await startHub({
    env: {
      FIELDLINE_PROFILES: profiles.path,
      FIELDLINE_ALARMS_WEBHOOK_URL: hooks.url,
      FIELDLINE_MQTT_PORT: '0',
    },
  });
  browser = await launchBrowser();
  desk = await visit(browser);
  page = desk.page;
  await logIn(page, hub);
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
  await hooks?.close();
  profiles.remove();
});

beforeEach(async () => {
  id = `room-${++count}`;
  token = await hub.http.addDevice(id, {
    name: `Cold room ${count}`,
    profile: 'room',
    tags: { site: 'north' },
  });
});

afterEach(() => expect(desk.complaints).toEqual([]));

/** Sends readings, `[ms from now, °C]`; they are on disk when it returns. */
async function measure(...rows: (readonly [number, number])[]): Promise<void> {
  const now = Date.now();
  const body = { rows: rows.map(([ms, temperature]) => [now + ms, { temperature }]) };
  const answer = await hub.http.request(`/api/v1/ingest/${id}`, { body, token });
  expect(answer.status).toBe(200);
}

const row = (at = page) => at.locator('tr[data-alarm]', { hasText: id });
const badge = (at = page) => at.locator('.nav .count.bad');

describe.skipIf(!hasBrowser)('the alarms page', () => {
  it('shows an alarm without a reload, counts it in the bar, and takes an acknowledgement without a question', async () => {
    await page.goto(`${hub.url}/#/alarms`);
    await page.getByText('No alarm is raised').waitFor();
    expect(await badge().count()).toBe(0);
    await measure([0, 45]);
    await row().filter({ hasText: 'Temperature above 40.0 °C' }).waitFor();
    await badge().filter({ hasText: '1' }).waitFor();
    await row().getByText('nobody yet').waitFor();

    await row().click();
    expect(page.url()).toContain('alarm=');
    const sheet = page.locator('.sheet');
    await sheet.getByText('Clears by itself: at 40.0 °C or lower').waitFor();
    await sheet.getByRole('img', { name: /^Temperature: 45\.0 to 45\.0/ }).waitFor();
    await sheet.locator('.trail li', { hasText: 'Webhook' }).waitFor();
    await sheet.getByRole('textbox').fill('door is open');
    await sheet.getByRole('button', { name: 'Acknowledge' }).click();
    await row().filter({ hasText: '“door is open”' }).waitFor();
    await badge().waitFor({ state: 'detached' });
    expect(await row().getAttribute('data-state')).toBe('acknowledged');

    await measure([10, 20]);
    await row().waitFor({ state: 'detached' });
    await page.getByText('Cold room 1, Temperature above 40.0 °C.').waitFor();
  });

  it('stand beside the name of their device, and are acknowledged there', async () => {
    await measure([0, 65]);
    await page.goto(`${hub.url}/#/device/${id}`);
    const head = page.locator('.dev-head');
    await head.getByText('Temperature above 60.0 °C for').waitFor();
    // Its warning goes without saying.
    await head.getByText('1 more').waitFor();
    // Without a hello nobody knows that it takes no commands.
    await head.getByRole('button', { name: 'Send a command' }).waitFor();
    await head.getByRole('button', { name: 'Acknowledge 2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge 2' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await head.getByRole('button', { name: /^Acknowledge/ }).waitFor({ state: 'detached' });
    await head.locator('.badge.seen').waitFor();
    await measure([10, 20]);
    await expect.poll(() => head.locator('.badge').count()).toBe(0);
  });

  it('calls nobody about a limit for an hour, and calls again when it is told to', async () => {
    await page.goto(`${hub.url}/#/alarms`);
    await measure([0, 45]);
    await row().click();
    const called = (event: string) =>
      hooks.posted.take(({ body }) => body.event === event && body.alarm.device === id, event);
    await called('alarm.raised');
    const sheet = page.locator('.sheet');
    // The hub does it, and the answer is lost on its way; so is that to the question how it is now.
    await page.route('**/alarms/quiets', (route) => route.abort());
    const losing = async (route: Route) => {
      await route.fetch();
      await route.abort();
    };
    await page.route('**/alarms/*/quiet', losing);
    await sheet.getByRole('button', { name: 'Quiet for 1 h' }).click();
    await sheet.getByRole('alert').getByText('It may or may not be quiet').waitFor();
    await page.unroute('**/alarms/*/quiet', losing);
    // The answer to this is enough, whatever becomes of the question.
    await sheet.getByRole('button', { name: 'Quiet for 1 h' }).click();
    await sheet.getByText(/^Nobody is called about this until/).waitFor();
    expect(await sheet.getByRole('alert').count()).toBe(0);
    await page.unroute('**/alarms/quiets');
    await row()
      .getByText(/^quiet until/)
      .waitFor();
    // Another alarm of the same limit, which is shown, and called for only when it is no longer quiet.
    await measure([10, 20]);
    await called('alarm.cleared');
    await measure([20, 46]);
    await row().filter({ hasText: '46.0' }).click();
    const trail = sheet.getByRole('list').getByRole('listitem');
    await trail.filter({ hasText: 'MQTT raised' }).waitFor();
    expect(await trail.filter({ hasText: 'Webhook' }).count()).toBe(0);
    await sheet.getByRole('button', { name: 'Call again' }).click();
    await trail.filter({ hasText: 'Webhook' }).waitFor();
    await called('alarm.raised');
    await sheet.getByRole('button', { name: 'Quiet for 1 h' }).waitFor();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await measure([30, 20]);
    await row().waitFor({ state: 'detached' });
  });

  it('marks what happened while its device was away, and calls nobody for it', async () => {
    await measure([0, 20]);
    await measure([-600_000, 70], [-590_000, 72], [-580_000, 20]);
    await page.goto(`${hub.url}/#/alarms?tab=past`);
    const past = row().filter({ hasText: 'Temperature above 60.0 °C' });
    await past.getByText('Happened while offline').waitFor();
    await past.getByText('72.0').waitFor();
    expect(await badge().count()).toBe(0);
  });

  it('asks once before several are acknowledged, and keeps its filter in the address', async () => {
    await measure([0, 65]);
    await page.goto(`${hub.url}/#/alarms`);
    await page.getByRole('button', { name: /^Warning/ }).click();
    expect(page.url()).toContain('level=warn');
    await page.reload();
    await row().filter({ hasText: 'above 40.0' }).waitFor();
    expect(await row().count()).toBe(1);
    await page.getByRole('button', { name: 'all', exact: true }).click();
    await page.getByRole('button', { name: 'Acknowledge 2' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Acknowledge 2 alarms?').waitFor();
    await dialog.getByRole('button', { name: 'Acknowledge 2' }).click();
    await page.locator('tr[data-state="acknowledged"]').nth(1).waitFor();
  });

  it('shows the rules of the profiles, and a channel that fails with its reason', async () => {
    await page.goto(`${hub.url}/#/alarms?tab=rules`);
    await page
      .getByRole('row', { name: /room Temperature Temperature above 60.0 °C at 59.5 °C or lower Alarm/ })
      .waitFor();
    hooks.status = 503;
    await measure([0, 45]);
    await page.goto(`${hub.url}/#/alarms?tab=channels`);
    await page.locator('[data-channel="webhook"]', { hasText: 'answered 503' }).waitFor();
    await page.getByRole('tab', { name: /1 failing/ }).waitFor();
    hooks.status = 200;
    await page.locator('[data-channel="webhook"] .err').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test got through').waitFor();
  });

  it('shows what waits for its `for`, apart from what is raised', async () => {
    const rows = [-60_000, -1_000].map((ms) => [Date.now() + ms, { humidity: 95 }]);
    await hub.http.request(`/api/v1/ingest/${id}`, { body: { rows }, token });
    await page.goto(`${hub.url}/#/alarms`);
    await row().filter({ hasText: 'Humidity above 90 % for 5 min' }).getByText('counts in').waitFor();
    expect(await row().getAttribute('data-state')).toBe('waiting');
  });

  it('plays two tones when it is asked to, and remembers that', async () => {
    await page.goto(`${hub.url}/#/alarms`);
    await page.getByRole('button', { name: 'Sound off' }).click();
    await page.getByRole('button', { name: 'Sound on' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sound on' }).click();
    await page.getByRole('button', { name: 'Sound off' }).waitFor();
  });

  it('fits a desk and a phone, in both themes', async () => {
    await measure([0, 65]);
    const phone = await visit(browser, { ...PHONE, storageState: await page.context().storageState() });
    for (const scheme of ['light', 'dark'] as const) {
      await phone.page.emulateMedia({ colorScheme: scheme });
      await page.emulateMedia({ colorScheme: scheme });
      await phone.page.goto(`${hub.url}/#/alarms`);
      await page.goto(`${hub.url}/#/alarms`);
      await row(phone.page).first().waitFor();
      expect(await overflow(phone.page)).toBe(0);
      await phone.page.screenshot({ path: `${ARTIFACTS}/alarms-phone-${scheme}.png` });
      await row(phone.page).first().click();
      await phone.page.locator('.sheet').waitFor();
      await phone.page.screenshot({ path: `${ARTIFACTS}/alarms-phone-sheet-${scheme}.png` });
      await phone.page.getByRole('button', { name: 'Close' }).click();
      await row().first().click();
      await page.locator('.sheet .trail').waitFor();
      await page.screenshot({ path: `${ARTIFACTS}/alarms-desktop-${scheme}.png` });
      for (const tab of ['past', 'rules', 'channels']) {
        await page.goto(`${hub.url}/#/alarms?tab=${tab}`);
        await page.locator('.panel .tb, .panel .ctl').first().waitFor();
        await page.screenshot({ path: `${ARTIFACTS}/alarms-${tab}-${scheme}.png` });
      }
    }
    // The first item of the account's menu is about keys, and not there on a phone.
    await phone.page.locator('[aria-haspopup=menu].who').click();
    const items = phone.page.getByRole('menuitem');
    await items.first().and(phone.page.locator(':focus')).waitFor();
    await phone.page.keyboard.press('ArrowUp');
    await items.last().and(phone.page.locator(':focus')).waitFor();
    await phone.page.keyboard.press('ArrowDown');
    await items.first().and(phone.page.locator(':focus')).waitFor();
    expect(phone.complaints).toEqual([]);
    await phone.page.context().close();
    // The narrowest that there is, and at 400 % zoom.
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(`${hub.url}/#/alarms`);
    await row().first().click();
    await page.locator('.sheet .breach').waitFor();
    expect(await overflow(page)).toBe(0);
  });
});
