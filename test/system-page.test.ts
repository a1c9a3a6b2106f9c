import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, logIn, overflow, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';

const ARTIFACTS = `${ROOT}test/.artifacts`;
const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const NOTICED = { timeout: 30_000 };

let browser: Browser;
let hub: HubProcess | undefined;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(ARTIFACTS, { recursive: true });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

describe.skipIf(!hasBrowser)('the System page', () => {
  it('tells on every page that InfluxDB is away, and how long the oldest reading has waited', async () => {
    const influx = `http://127.0.0.1:${await freePort()}`;
    hub = await startHub({ env: { FIELDLINE_INFLUX_URL: influx, FIELDLINE_MQTT_EMBEDDED: 'false' } });
    const token = await hub.http.addDevice('greenhouse');
    const device = await DeviceClient.connect(hub.url, { token });
    await device.hello({ boot: 'b1', seq: 0 });
    for (const seq of [1, 2, 3]) device.send({ type: 'telemetry', seq, values: { temperature: 20 + seq } });
    await device.acked(3);

    const { page, complaints } = await visit(browser);
    await logIn(page, hub);
    const strip = page.locator('.strip').filter({ hasText: 'InfluxDB is away.' });
    await strip.waitFor(NOTICED);
    expect(await strip.innerText()).toMatch(/3\s+readings wait in the journal, the oldest for/);
    expect(await strip.innerText()).toContain('Nothing is lost. Live values go on.');
    await strip.getByText('System').click();

    const panel = page.getByRole('region', { name: 'InfluxDB' });
    await panel.getByText('Trying again').waitFor();
    await panel.getByText(/InfluxDB at http:.*ECONNREFUSED/).waitFor();
    await panel.getByText(/3\s+readings/).waitFor();
    const age = panel.locator('time');
    const before = Number.parseInt(await age.innerText(), 10);
    // It ages before one's eyes, without a word from the hub.
    const seconds = async () => Number.parseInt(await age.innerText(), 10);
    await expect.poll(seconds, { timeout: 20_000 }).toBeGreaterThan(before);
    // The hub looks at its counters every few seconds; the page draws what it saw, and says it in words.
    await page.getByRole('img', { name: /^Messages a second.*WebSocket/ }).waitFor(NOTICED);
    await page.getByRole('img', { name: /^Behind, by sink.*InfluxDB 3/ }).waitFor(NOTICED);
    await page.getByText(/99 of 100 within|nothing had to be written/).waitFor();
    await page.getByRole('region', { name: 'Process' }).getByText('1 online').waitFor();
    device.send('{"temperature":nan}');
    await page.getByRole('region', { name: 'Rejected' }).getByText('malformed').waitFor(NOTICED);
    await page.screenshot({ path: `${ARTIFACTS}/system-desktop.png` });
    expect(await overflow(page)).toBe(0);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('navigation').getByText('System').filter({ visible: true }).waitFor();
    await page.screenshot({ path: `${ARTIFACTS}/system-phone.png`, fullPage: true });
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
  });
});
