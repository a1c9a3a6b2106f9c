import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, logIn, overflow, PHONE, type Visit, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';

const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const MINUTE = 60_000;
/** What the profile env-sensor expects. */
const INTERVAL = 10_000;

let hub: HubProcess;
let browser: Browser;
let visited: Visit;
let page: Page;
let start: number;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  if (!hasBrowser) return;
  // A port of its own, so that a hub that was killed comes back where the page looks for it.
  hub = await startHub({
    env: { FIELDLINE_PORT: String(await freePort()), FIELDLINE_GRAFANA_URL: 'http://grafana.example:3000/' },
  });
  start = Math.floor(Date.now() / INTERVAL) * INTERVAL;
  for (const id of ['chiller', 'pump']) tokens[id] = await hub.http.addDevice(id, { profile: 'env-sensor' });
  // Two hours with ten silent minutes in them; and half an hour that ends four minutes ago.
  await keep('chiller', -120 * MINUTE, -40 * MINUTE);
  await keep('chiller', -30 * MINUTE, 0);
  await keep('pump', -30 * MINUTE, -4 * MINUTE);
  browser = await launchBrowser();
  visited = await visit(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  page = visited.page;
  await logIn(page, hub);
});

afterAll(async () => {
  await browser?.close();
  await hub?.dispose();
});

/** Readings of a stretch of time, one each interval; `since` and `until` in ms from the start of the test. */
function readings(since: number, until: number): [number, Record<string, number | boolean>][] {
  return Array.from({ length: (until - since) / INTERVAL }, (_, i) => {
    const at = since + i * INTERVAL;
    return [start + at, { temperature: 20 + (i % 10) / 10, humidity: 50, door: i % 60 < 6 }];
  });
}

async function keep(device: string, since: number, until: number): Promise<void> {
  const rows = readings(since, until);
  const token = tokens[device] ?? '';
  const answer = await hub.http.request(`/api/v1/ingest/${device}`, { body: { rows }, token });
  expect(answer.json()).toMatchObject({ accepted: 1, rejected: [] });
}

async function connect(device: string, hello: { boot: string; seq: number }): Promise<DeviceClient> {
  const client = await DeviceClient.connect(hub.url, { token: tokens[device] ?? '' });
  await client.hello(hello);
  return client;
}

const open = async (address: string) => {
  await page.goto(`${hub.url}/#/device/${address}`);
  await page.locator('.readouts').waitFor();
};

/** The lane of a metric: its accessible name tells what it shows. */
const lane = (title: string) => page.locator(`.lane .plot[aria-label^="${title}:"]`);
const crosshair = () => page.getByRole('slider', { name: 'Crosshair over all lanes' });
const addressed = (name: string) => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get(name);

/** What the page asks the history for from now on: the range, and the width of a bucket, in ms. */
function questions(metric: string): { from: number; to: number; stepMs: number }[] {
  const asked: { from: number; to: number; stepMs: number }[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (!pathname.endsWith('/telemetry') || searchParams.get('metric') !== metric) return;
    const [from = 0, to = 0, points = 1] = ['from', 'to', 'points'].map((name) =>
      Number(searchParams.get(name)),
    );
    asked.push({ from, to, stepMs: (to - from) / points });
  });
  return asked;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe.skipIf(!hasBrowser)('the page of a device', () => {
  it('shows a live value without a reload, and a gap as a gap', async () => {
    await open('chiller');
    await lane('Temperature').waitFor();
    await expect
      .poll(() => lane('Temperature').getAttribute('aria-label'))
      .toMatch(/20\.0 to 20\.9.*1\sgap: no readings, 10\smin/);
    const device = await connect('chiller', { boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { temperature: 31.5, door: true } });
    await device.acked(1);
    await page.locator('.readouts').getByText('31.5').waitFor();
    await expect.poll(() => lane('Temperature').getAttribute('aria-label')).toContain('20.0 to 31.5');
    device.socket.close();
    await page.locator('.lane canvas[aria-label^="Connection: offline"]').waitFor({ state: 'attached' });
  });

  it('copies what is on screen as a table, in which a gap has no readings', async () => {
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('is on the clipboard').first().waitFor();
    const text = await page.evaluate<string>('navigator.clipboard.readText()');
    const [head = [], ...rows] = text.split('\n').map((line) => line.split('\t'));
    expect(head.slice(0, 5)).toEqual(['time', 'Temperature (°C) mean', 'lowest', 'highest', 'readings']);
    const empty = rows.filter(([, mean, , , count]) => mean === '' && count === '0');
    expect(empty).toHaveLength(1);
    const gapAt = Date.parse(empty[0]?.[0] ?? '') - start;
    expect(gapAt).toBeGreaterThan(-41 * MINUTE);
    expect(gapAt).toBeLessThan(-39 * MINUTE);
  });

  it('asks for finer buckets when part of it is dragged over, and the address holds the range', async () => {
    const asked = questions('temperature');
    const box = await page.locator('.lane .plot').first().boundingBox();
    if (!box) throw new Error('no lane');
    const width = box.width - 54;
    const y = box.y + 50;
    await page.mouse.move(box.x + width * 0.7, y);
    await page.mouse.down();
    await page.mouse.move(box.x + width * 0.8, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => asked.length).toBe(1);
    const [zoomed] = asked;
    if (!zoomed) throw new Error('nothing was asked');
    // An hour in buckets of 15 s; a tenth of it in buckets that are finer, but never under 3 px.
    expect(zoomed.stepMs).toBeLessThan(15_000);
    expect(zoomed.stepMs).toBeGreaterThanOrEqual((3 * (zoomed.to - zoomed.from - 3 * zoomed.stepMs)) / width);
    await expect.poll(() => addressed('from')).not.toBeNull();
    const [from, to] = [Number(addressed('from')), Number(addressed('to'))];
    expect(to - from).toBeGreaterThan(5 * MINUTE);
    expect(to - from).toBeLessThan(7 * MINUTE);
    // A link to the view shows the same.
    await page.reload();
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    expect(asked.at(-1)).toEqual(zoomed);
    // A wheel alone scrolls the page; with Ctrl it zooms.
    await page.mouse.move(box.x + width / 2, y);
    await page.mouse.wheel(0, 40);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 240);
    await page.keyboard.up('Control');
    await expect
      .poll(() => Number(addressed('to')) - Number(addressed('from')))
      .toBeGreaterThan(1.9 * (to - from));
    // Twice a click goes back to what was chosen last.
    await page.mouse.dblclick(box.x + width / 2, y);
    await expect.poll(() => addressed('from')).toBeNull();
  });

  it('has a crosshair for keys, which says what stands under it', async () => {
    await open('chiller?range=1h');
    await lane('Temperature').waitFor();
    await crosshair().focus();
    expect(await crosshair().getAttribute('aria-valuetext')).toContain('Nothing is pointed at');
    await page.keyboard.press('Home');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => crosshair().getAttribute('aria-valuetext'))
      .toMatch(/^\d\d:\d\d:\d\d\. Temperature 2\d\.\d\s°C\. .*Door open o/);
    await page
      .locator('.lane .lb')
      .first()
      .getByText(/reading/)
      .waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => crosshair().getAttribute('aria-valuetext')).toContain('Nothing is pointed at');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.getByRole('button', { name: 'Go live' }).waitFor();
    await page.getByRole('button', { name: 'Go live' }).click();
  });

  it('takes a range by its ends', async () => {
    await page.getByRole('button', { name: 'Custom' }).click();
    const field = (t: number) =>
      page.evaluate<string>(
        `(() => { const d = new Date(${t}); return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 19); })()`,
      );
    await page.getByLabel('From').fill(await field(start - 60 * MINUTE));
    await page.getByLabel('To', { exact: true }).fill(await field(start - 70 * MINUTE));
    await page.getByRole('button', { name: 'Show the range' }).click();
    await page.getByText('The end lies before the start.').waitFor();
    await page.getByLabel('To', { exact: true }).fill(await field(start - 50 * MINUTE));
    await page.getByRole('button', { name: 'Show the range' }).click();
    await expect
      .poll(() => [addressed('from'), addressed('to')])
      .toEqual([String(start - 60 * MINUTE), String(start - 50 * MINUTE)]);
  });

  it('leads to the same device and range in Grafana', async () => {
    const board = 'http://grafana.example:3000/d/fieldline-device-env-sensor';
    const range = `from=${start - 60 * MINUTE}&to=${start - 50 * MINUTE}`;
    const link = page.getByRole('link', { name: 'Open in Grafana' });
    expect(await link.getAttribute('href')).toBe(
      `${board}?var-profile=env-sensor&var-device=chiller&${range}`,
    );
  });

  it('exports the range on screen as CSV', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('fieldline-chiller.csv');
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trim()
      .split(/\r?\n/);
    expect(head).toBe('time,device,metric,value');
    const temperatures = lines.filter((line) => line.includes(',temperature,'));
    expect(temperatures).toHaveLength((10 * MINUTE) / INTERVAL);
    const first = new Date(start - 60 * MINUTE).toISOString().slice(0, 19);
    expect(temperatures[0]).toMatch(new RegExp(`^${first}.*,chiller,temperature,20(\\.0)?$`));
  });

  it('shows what goes over the wire, both ways, without a token; to operators only', async () => {
    await open('chiller?tab=raw');
    await page.getByText('Nothing has gone over the wire yet').waitFor();
    const device = await connect('chiller', { boot: 'b2', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, token: 'open-sesame', values: { temperature: 21.5 } });
    await device.acked(1);
    const wire = page.getByRole('list', { name: 'Messages, newest first' });
    await wire.locator('.rx').getByText('"seq":1').waitFor();
    await wire.locator('.tx').filter({ hasText: '"type":"ack"' }).waitFor();
    expect(await wire.locator('.rx').filter({ hasText: '"token":"…"' }).count()).toBe(1);
    expect(await wire.textContent()).not.toContain('open-sesame');
    const token = tokens.chiller ?? '';
    await hub.http.request('/api/v1/ingest/chiller', { body: { humidity: 47 }, token });
    await wire.locator('.rx').getByText('{"humidity":47}').waitFor();
    await page.getByText('WebSocket, HTTP').or(page.getByText('HTTP, WebSocket')).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    device.send({ type: 'telemetry', seq: 2, values: { temperature: 22.5 } });
    await page.getByText(/messages? since it stands still/).waitFor();
    expect(await wire.getByText('"seq":2').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await wire.locator('.rx').getByText('"seq":2').waitFor();
    device.socket.close();

    const viewer = { username: 'vera', password: 'looks-and-never-touches' };
    await hub.http.request('/api/v1/users', { body: { ...viewer, role: 'viewer' } });
    const other = await visit(browser);
    await other.page.goto(`${hub.url}/#/device/chiller?tab=raw`);
    await other.page.getByLabel('Name').fill(viewer.username);
    await other.page.getByLabel('Password').fill(viewer.password);
    await other.page.keyboard.press('Enter');
    await other.page.getByText('Looking at the wire needs operator').waitFor();
    expect(other.complaints).toEqual([]);
    await other.close();
  });

  it('says of refused values what offends, and what to do', async () => {
    const device = await connect('chiller', { boot: 'b3', seq: 0 });
    device.send('{"temperature":nan,"door":true}');
    await device.take('error');
    device.socket.close();
    await open('chiller?tab=quarantine');
    expect(await page.locator('.frame mark').textContent()).toBe('nan');
    await page.getByText('Send null for “no reading”').waitFor();
    await page.getByRole('tab', { name: /Log/ }).click();
    await page.getByText('hub: new boot b3').waitFor();
    await page.getByRole('button', { name: /Warnings/ }).click();
    await expect.poll(() => page.getByText('hub: new boot b3').count()).toBe(0);
  });

  it('is renamed, tagged, given another token, barred and deleted from its own menu', async () => {
    tokens.spare = await hub.http.addDevice('spare', { tags: { hall: 'A' } });
    await page.goto(`${hub.url}/#/device/spare`);
    const more = page.getByRole('button', { name: /^More:/ });
    const choose = async (item: string) => {
      await more.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Rename…' }).and(page.locator(':focus')).waitFor();
      const items = await page.getByRole('menuitem').allTextContents();
      for (let n = 0; n < items.indexOf(item); n++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    };
    await choose('Rename…');
    await page.keyboard.type('Spare chiller');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Spare chiller' }).waitFor();

    await choose('Tags…');
    const tags = page.getByRole('textbox');
    await tags.fill('hall=A\nsite');
    await page.getByRole('button', { name: 'Save the tags' }).click();
    await page.getByRole('alert').getByText('“site” has no value').waitFor();
    await tags.fill('hall=A\nsite=north');
    const body = { tags: { hall: 'B' } };
    expect((await hub.http.request('/api/v1/devices/spare', { method: 'PATCH', body })).status).toBe(200);
    await page.getByRole('button', { name: 'Save the tags' }).click();
    await page
      .getByRole('alert')
      .getByText('somebody else has changed the tags meanwhile, to hall=B')
      .waitFor();
    const kept = await hub.http.request('/api/v1/devices/spare');
    expect(kept.json()).toMatchObject(body);
    await page.getByRole('button', { name: 'Save the tags' }).click();
    await page.locator('.tag', { hasText: 'site north' }).waitFor();

    await choose('Tokens…');
    await page.getByRole('textbox').fill('second');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const second = (await page.locator('dialog .secret .mono').textContent()) ?? '';
    const reading = { body: { values: { temperature: 3 } }, token: second };
    expect((await hub.http.request('/api/v1/ingest/spare', reading)).status).toBe(200);
    // It is shown this once: Escape does not take it away before it is copied or gone.
    await page.keyboard.press('Escape');
    await page.getByRole('alert').getByText('The token is not copied yet').waitFor();
    await page.getByRole('button', { name: 'Revoke… second' }).click();
    await page.getByRole('button', { name: 'Revoke the token' }).click();
    await page.getByRole('button', { name: 'Revoke… second' }).waitFor({ state: 'detached' });
    expect((await hub.http.request('/api/v1/ingest/spare', reading)).status).toBe(401);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await choose('Disable…');
    await page.getByRole('button', { name: 'Disable it' }).click();
    await page.getByText('Disabled', { exact: true }).waitFor();
    await choose('Delete…');
    // What cannot be undone begins at the way back.
    await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Delete the device' }).click();
    await page.getByText('Spare chiller is deleted.').waitFor();
    expect((await hub.http.request('/api/v1/devices/spare')).status).toBe(404);
    expect(visited.complaints).toEqual([]);
  });

  it('recovers when the hub was killed, and its chart has no hole that the history can fill', async () => {
    await open('pump?range=1h');
    await expect.poll(() => lane('Temperature').getAttribute('aria-label')).toContain('gap');
    await hub.kill9();
    await page.getByText('The hub does not answer.').waitFor();
    await hub.start();
    await page.getByText(/^Back since/).waitFor();
    // What the device kept meanwhile: four minutes, up to now.
    const device = await connect('pump', { boot: 'p1', seq: 0 });
    const until = Math.floor((Date.now() - start) / INTERVAL) * INTERVAL;
    device.send({ type: 'telemetry', seq: 1, rows: readings(-4 * MINUTE, until) });
    await device.acked(1);
    const holes = async () =>
      ((await lane('Temperature').getAttribute('aria-label')) ?? 'gap').match(/gap.*/)?.[0];
    // Only the half hour before there was anything is left.
    await expect.poll(holes, { timeout: 30_000 }).toMatch(/^gap: no readings, \d+\smin$/);
    device.socket.close();
    expect(visited.complaints).toEqual([]);
  });

  it('does not trap a finger that scrolls, on a phone', async () => {
    const phone = await visit(browser, PHONE);
    await phone.page.context().addCookies(await page.context().cookies());
    await phone.page.goto(`${hub.url}/#/device/chiller?range=1h`);
    const plot = phone.page.locator('.lane .plot').first();
    await plot.waitFor();
    expect(
      await phone.page.evaluate<string>(
        "getComputedStyle(document.querySelector('.lane .plot')).touchAction",
      ),
    ).toBe('pan-y');
    await plot.tap({ position: { x: 150, y: 50 } });
    await phone.page.locator('.hair').waitFor();
    expect(await overflow(phone.page)).toBe(0);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });
});
