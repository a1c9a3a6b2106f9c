import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, logIn, overflow, type Visit, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';

const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);

let hub: HubProcess;
let browser: Browser;
let desk: Visit;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  hub = await startHub();
  browser = await launchBrowser();
  desk = await visit(browser);
  page = desk.page;
  await logIn(page, hub);
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

const panel = (title: string) => page.locator('.panel', { has: page.getByRole('heading', { name: title }) });

describe.skipIf(!hasBrowser)('users, tokens and profiles on the page', () => {
  it('are made, may what their role says, and are taken away', async () => {
    await page.goto(`${hub.url}/#/system?tab=people`);
    await page.getByText('No user yet').waitFor();
    const users = panel('Users');
    await users.getByLabel('Name').fill('ines');
    await users.getByLabel('Password').fill('a sentence is good');
    await users.getByLabel('Role').selectOption('operator');
    await users.getByRole('button', { name: 'Make the user' }).click();
    await users.getByRole('cell', { name: 'look, send commands, configure' }).waitFor();

    const hers = await visit(browser);
    await hers.page.goto(hub.url);
    await hers.page.locator('[name=username]').fill('ines');
    await hers.page.locator('[name=password]').fill('a sentence is good');
    await hers.page.getByRole('button', { name: 'Log in' }).click();
    await hers.page.locator('.who', { hasText: 'operator' }).waitFor();
    expect(await hers.page.locator('.nav a').allInnerTexts()).toContain('Connect');
    await hers.page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(await hers.page.getByRole('link', { name: 'Connect a device' }).count()).toBe(0);
    await hers.page.goto(`${hub.url}/#/system?tab=people`);
    await hers.page.getByRole('heading', { name: 'Journal' }).first().waitFor();
    expect(await hers.page.getByRole('tab').allInnerTexts()).toEqual(['Overview', 'Log-ins', 'Profiles']);

    // She sees her own log-ins, an admin sees all.
    await hers.page.locator('.who').click();
    await hers.page.getByRole('menuitem', { name: 'Where you are logged in' }).click();
    await hers.page.getByText('this browser').waitFor();
    expect(await hers.page.getByRole('row').count()).toBe(2);
    await page.getByRole('tab', { name: 'Log-ins' }).click();
    await page.getByRole('button', { name: 'End… ines' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the log-in' }).click();
    await hers.page.getByLabel('Password for ines').fill('a sentence is good');
    await hers.page.getByRole('button', { name: 'Go on' }).click();
    await hers.page.getByRole('heading', { name: 'Your session ended' }).waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Users and tokens' }).click();

    // A new password of her own needs the one in force.
    await hers.page.locator('.who').click();
    await hers.page.getByRole('menuitem', { name: 'Change the password…' }).click();
    const own = hers.page.getByRole('dialog');
    await own.getByLabel('Password now').fill('not this one at all');
    await own.getByLabel('New password').fill('another sentence is better');
    await own.getByRole('button', { name: 'Change it' }).click();
    await own.getByText('The password now is another one.').waitFor();
    await own.getByLabel('Password now').fill('a sentence is good');
    await own.getByRole('button', { name: 'Change it' }).click();
    await hers.page.getByText('Your password is changed.').waitFor();

    // Another role ends her log-in; with the new password she comes back as what she is now.
    await users.getByRole('button', { name: 'Change… ines' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Role').selectOption('viewer');
    await dialog.getByRole('button', { name: 'Change it' }).click();
    await users.getByRole('cell', { name: 'viewer', exact: true }).waitFor();
    await hers.page.getByLabel('Password for ines').fill('another sentence is better');
    await hers.page.getByRole('button', { name: 'Go on' }).click();
    await hers.page.locator('.who', { hasText: 'viewer' }).waitFor();
    // A viewer finds nothing to do where devices are connected.
    expect(await hers.page.locator('.nav a').allInnerTexts()).not.toContain('Connect');

    await users.getByRole('button', { name: 'Remove… ines' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the user' }).click();
    await page.getByText('No user yet').waitFor();
    // Her log-in ends with her.
    await hers.page.getByText('Your session ended').waitFor();
    expect(hers.complaints).toEqual([]);
    await hers.close();
  });

  it('show a token once', async () => {
    await page.goto(`${hub.url}/#/system?tab=people`);
    const tokens = panel('API tokens');
    await tokens.getByLabel('Name').fill('grafana');
    await tokens.getByLabel('Expires').selectOption('week');
    await tokens.getByRole('button', { name: 'Make a token' }).click();
    await tokens.getByText('It is shown this once').waitFor();
    const secret = (await tokens.locator('.copy').innerText()).trim();
    const asViewer = () => hub.http.request('/api/v1/devices', { token: secret });
    expect((await asViewer()).status).toBe(200);
    expect(await overflow(page)).toBe(0);
    await tokens.getByRole('button', { name: 'Revoke… grafana' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke the token' }).click();
    await tokens.getByRole('cell', { name: 'grafana', exact: true }).waitFor({ state: 'detached' });
    expect((await asViewer()).status).toBe(401);
    expect(desk.complaints).toEqual([]);
  });

  it('profiles are shown, checked before they are files, and a metric is given another type', async () => {
    await page.goto(`${hub.url}/#/system?tab=profiles&profile=env-sensor`);
    const sheet = page.locator('.profile-sheet').first();
    await sheet.getByRole('cell', { name: 'relay.set' }).waitFor();
    await sheet.getByText('relay = $on within 3 s').waitFor();

    const box = page.getByLabel('A profile in YAML');
    await box.fill('profile: kiln\nmetrics:\n  heat: { type: number, min: high }\n');
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('1 problem').waitFor();
    expect(await page.locator('.problems mark').innerText()).toBe('high');
    await page.getByRole('button', { name: 'Line 3, column' }).click();
    const caret = 'document.activeElement.value.slice(document.activeElement.selectionStart)';
    expect(await page.evaluate<string>(caret)).toBe('high }\n');
    await box.fill('profile: kiln\nmetrics:\n  heat: { type: number, unit: Cel }\n');
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('Nothing is wrong: kiln').waitFor();

    await sheet.getByRole('button', { name: 'Retype battery' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('a number is rejected and kept in the quarantine').waitFor();
    await dialog.getByLabel('From now on it is').selectOption({ label: 'a text' });
    await dialog.getByRole('button', { name: 'Make it a text' }).click();
    const changed = sheet.getByRole('row').filter({ hasText: 'battery' }).first();
    await changed.getByText('string since').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(desk.complaints).toEqual([]);
  });
});
