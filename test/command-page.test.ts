import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeviceClient, type Message } from './kit/device-client.js';
import { type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, logIn, overflow, PHONE, type Visit, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

const ARTIFACTS = `${ROOT}test/.artifacts`;
const VAULT = `
profile: vault
metrics: { level: { type: number } }
commands: { wipe: { title: Wipe the memory, danger: true } }
`;
const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);

const profiles = tempDir('profiles');
let hub: HubProcess;
let browser: Browser;
let desk: Visit;
let page: Page;
let id: string;
let token: string;
let device: DeviceClient;
let seq = 0;
let count = 0;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  copyFileSync(`${ROOT}profiles/env-sensor.yaml`, `${profiles.path}/env-sensor.yaml`);
  writeFileSync(`${profiles.path}/vault.yaml`, VAULT);
  hub = await startHub({ env: { FIELDLINE_PROFILES: profiles.path } });
  browser = await launchBrowser();
  desk = await visit(browser);
  page = desk.page;
  await logIn(page, hub);
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
  profiles.remove();
});

beforeEach(async () => {
  id = `relay-${++count}`;
  token = await hub.http.addDevice(id, { name: `Relay ${count}`, profile: 'env-sensor' });
  await connect();
});

afterEach(async () => {
  device.socket.terminate();
  expect(desk.complaints).toEqual([]);
});

async function connect(boot = 'b1', caps = ['command', 'config', 'reconnect']): Promise<void> {
  device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot, seq: boot === 'b1' ? seq : 0, caps });
}

/** Sends one reading and waits until it is on disk. */
async function measure(values: Readonly<Record<string, unknown>>): Promise<void> {
  seq += 1;
  device.send({ type: 'telemetry', seq, values });
  await device.acked(seq);
}

async function open(tab: string, at = page): Promise<void> {
  await at.goto(`${hub.url}/#/device/${id}?tab=${tab}`);
  await at.locator('h1', { hasText: `Relay ${count}` }).waitFor();
}

/** The control of the relay, and its two positions. */
const relay = (at = page): Locator => at.locator('.ctl', { hasText: 'Switch the relay' });
const position = (name: string, at = page): Locator => relay(at).getByRole('radio', { name });
const chosen = (name: string, at = page): Promise<string | null> =>
  position(name, at).getAttribute('aria-checked');
/** The newest command's words. */
const verdict = (text: string): Promise<void> =>
  page.locator('.latest .verdict', { hasText: text }).waitFor();
const badge = (text: string): Promise<void> =>
  page.locator('.cmd .badge', { hasText: text }).first().waitFor();

/** Asks for the relay to be on, and confirms. @returns what reached the device */
async function switchOn(): Promise<Message> {
  await position('On').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`Relay ${count}: switch the relay to on?`).waitFor();
  await dialog.getByText('the reading Relay on within').waitFor();
  await dialog.getByRole('button', { name: 'Switch the relay' }).click();
  return device.take('command');
}

describe.skipIf(!hasBrowser)('commands on the page', () => {
  it('show what is reported, what is asked beside it, and what proves it', async () => {
    await measure({ relay: false });
    await open('commands');
    await relay().getByText('Reported off').waitFor();
    expect(await chosen('Off')).toBe('true');

    // Looking never asks: arrows move, and nothing has left the hub when the question is closed.
    await position('Off').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate<string>('document.activeElement?.textContent')).toBe('On');

    const command = await switchOn();
    expect(command).toMatchObject({ name: 'relay.set', params: { on: true } });
    await relay().getByText('on asked').waitFor();
    await verdict('Sent, no answer yet');
    expect([await chosen('On'), await chosen('Off')]).toEqual(['false', 'true']);
    expect(await position('On').getAttribute('class')).toContain('asked');
    await page.screenshot({ path: `${ARTIFACTS}/command-asked.png` });

    // The device's word moves no control.
    device.send({ type: 'result', id: command.id, status: 'ok', result: { on: true } });
    await verdict('The device said ok');
    expect(await chosen('On')).toBe('false');
    await relay().getByText('on asked').waitFor();

    await measure({ relay: true });
    await verdict('its reading shows Relay on');
    await badge('Verified');
    expect([await chosen('On'), await chosen('Off')]).toEqual(['true', 'false']);
    expect(await relay().getByText('on asked').count()).toBe(0);
    await page.locator('.cmd summary').first().click();
    await page.locator('.cmd .body').getByText('{"on":true}').waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/command-verified.png` });
  });

  it('say that no answer is unknown, and correct it before one’s eyes', async () => {
    await measure({ relay: false });
    await open('commands');
    const command = await switchOn();
    await device.close();
    await connect('b2');
    await verdict('Outcome unknown');
    await badge('Outcome unknown');
    await page.screenshot({ path: `${ARTIFACTS}/command-unknown.png` });
    device.send({
      type: 'result',
      id: command.id,
      status: 'error',
      code: 'jammed',
      message: 'the coil is stuck',
    });
    await verdict('The device reports: the coil is stuck');
    await badge('Failed');
  });

  it('wait for a device that is offline, and can be taken back', async () => {
    await open('commands');
    await device.close();
    await page.getByText('A command can wait for it').waitFor();
    const ask = async () => {
      await position('On').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('The device is offline.').waitFor();
      await dialog.getByRole('button', { name: 'Let it wait' }).click();
      await verdict('Waiting for the device');
    };
    await ask();
    await page.locator('.latest').getByRole('button', { name: 'Cancel it' }).click();
    await verdict('Cancelled, never sent');
    await ask();
    await connect();
    expect(await device.take('command')).toMatchObject({ params: { on: true } });
    await verdict('Sent, no answer yet');
    expect(device.messages.filter(({ type }) => type === 'command')).toHaveLength(1);

    await page.getByRole('link', { name: 'All devices' }).click();
    await page.locator('.cmds.named', { hasText: `Relay ${count}` }).waitFor();
    await badge('Cancelled, never sent');
    await page.getByRole('button', { name: 'On their way' }).click();
    await expect.poll(() => page.locator('.cmd').count()).toBe(1);
  });

  it('are locked, with the reason, for who may not and for what cannot', async () => {
    await measure({ relay: true });
    const viewer = await hub.http.request('/api/v1/tokens', { body: { name: 'wall', role: 'viewer' } });
    const wall = await visit(browser, {
      ...PHONE,
      extraHTTPHeaders: { authorization: `Bearer ${viewer.json<{ token: string }>().token}` },
    });
    await open('commands', wall.page);
    await relay(wall.page).getByText('Reported on').waitFor();
    await relay(wall.page).getByText('Needs operator').waitFor();
    await wall.page.getByText('Sending commands needs operator.').waitFor();
    expect(await position('Off', wall.page).count()).toBe(0);
    expect(await overflow(wall.page)).toBe(0);
    expect(wall.complaints).toEqual([]);
    await wall.close();

    await device.close();
    await connect('b3', []);
    await open('commands');
    await relay().getByText('Takes no commands').waitFor();
    await page.getByText('This device does not take commands').waitFor();
  });

  it('are found by the palette, and ask with the way back in focus where nothing undoes them', async () => {
    id = `vault-${count}`;
    token = await hub.http.addDevice(id, { name: `Relay ${count}`, profile: 'vault' });
    device.socket.terminate();
    await connect();
    await page.goto(`${hub.url}/#/device/${id}`);
    const head = page.locator('.dev-head');
    await head.getByRole('button', { name: 'Send a command' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find' }).fill('wipe');
    await page.getByRole('option', { name: 'Wipe the memory…' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.ctl button:focus').waitFor();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No second command undoes this.').waitFor();
    await dialog.locator('.btn:focus', { hasText: 'Cancel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('of any name go to a device without a profile', async () => {
    id = `bare-${count}`;
    token = await hub.http.addDevice(id, { name: `Relay ${count}` });
    device.socket.terminate();
    await connect();
    await open('commands');
    await page.locator('.free input').first().fill('beep');
    await page.getByRole('button', { name: 'Add a value' }).click();
    await page.getByPlaceholder('Name').fill('times');
    await page.getByPlaceholder('Value').fill('3');
    await page.getByRole('button', { name: 'Send…' }).click();
    await page.getByRole('dialog').getByText('beep times=3').waitFor();
    await page.getByRole('button', { name: 'Send it' }).click();
    expect(await device.take('command')).toMatchObject({ name: 'beep', params: { times: 3 } });

    await open('config');
    await page.getByRole('button', { name: 'Add a value' }).click();
    await page.getByPlaceholder('Name').fill('gain');
    await page.getByPlaceholder('Value').fill('2.5');
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save and send' }).click();
    expect(await device.take('config')).toMatchObject({ desired: { gain: 2.5 } });
    await page.locator('.diff').getByText('gain').waitFor();
  });
});

describe.skipIf(!hasBrowser)('the audit on the page', () => {
  it('tells an admin who gave what, and finds it by device', async () => {
    await open('commands');
    await switchOn();
    await page.goto(`${hub.url}/#/system?tab=audit`);
    await page.getByRole('tab', { name: 'Audit', selected: true }).waitFor();
    await page.getByLabel('On', { exact: true }).fill(`device:${id}`);
    await page.getByLabel('What').selectOption('command');
    await expect.poll(() => page.locator('.tb tbody tr').count()).toBe(2);
    expect(await page.locator('.tb').innerText()).toMatch(/sent a command[\s\S]*gave a command/);
    expect(await overflow(page)).toBe(0);
  });
});

describe.skipIf(!hasBrowser)('the configuration on the page', () => {
  it('is wished on one side, reported on the other, and both may be somebody else’s', async () => {
    await open('config');
    const interval = page.getByLabel('Time between readings, desired');
    await interval.fill('50');
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.getByText('At least 100').waitFor();
    await interval.fill('5000');
    await page.getByText('Not saved yet').waitFor();
    const save = async () => {
      await page.getByRole('button', { name: 'Save and send' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Save and send' }).click();
    };
    await save();
    const sent = await device.take('config');
    expect(sent).toMatchObject({ desired: { interval: 5_000 } });
    await page.locator('.diff').getByText('Sent, not applied yet').waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/config-pending.png` });
    device.send({ type: 'config', version: sent.version, ok: true, reported: { interval: 5_000 } });
    await page.locator('.diff').getByText('Same').waitFor();
    await page.getByText('desired version 1, applied; by admin').waitFor();
    await page.getByText('The device reported version 1').waitFor();

    // Somebody else is faster; the page learns of it when it saves.
    await interval.fill('6000');
    await hub.http.request(`/api/v1/devices/${id}/config`, {
      method: 'PUT',
      body: { desired: { interval: 7_000 } },
    });
    await save();
    await page.getByText('admin saved version 2 meanwhile').waitFor();
    await page.getByText('Time between readings is 7,000').waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/config-conflict.png` });
    await page.getByRole('button', { name: 'Go on from theirs' }).click();
    expect(await interval.inputValue()).toBe('6000');
    await save();
    await device.take('config');
    const third = await device.take('config');
    expect(third).toMatchObject({ version: 3, desired: { interval: 6_000 } });
    device.send({ type: 'config', version: 3, ok: false, code: 'range', message: 'too slow for me' });
    await page.getByText('The device refused version 3: too slow for me').waitFor();
    expect(await overflow(page)).toBe(0);
  });
});
