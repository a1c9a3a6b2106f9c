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

describe.skipIf(!hasBrowser)('users and tokens on the page', () => {
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
    await hers.page.goto(`${hub.url}/#/system?tab=people`);
    await hers.page.getByRole('heading', { name: 'Journal' }).first().waitFor();
    expect(await hers.page.getByRole('tab').count()).toBe(0);

    await users.getByRole('button', { name: 'Remove… ines' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the user' }).click();
    await page.getByText('No user yet').waitFor();
    // Her log-in ends with her.
    await hers.page.getByRole('button', { name: 'Log in' }).waitFor();
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
});
