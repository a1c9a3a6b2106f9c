import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { cleanEnv, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { CHROMIUM, launchBrowser, loginLink, overflow, type Visit, visit } from './kit/page-visit.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const readsQr = requireTool('zbarimg', 'zbar-tools');

const PASSWORD = 'the old door creaks';

let hub: HubProcess;
let browser: Browser;
let desk: Visit;
let page: Page;
const running: ChildProcess[] = [];
const sockets: WebSocket[] = [];
const directory = tempDir('qr');

beforeAll(async () => {
  if (!hasBrowser) return;
  hub = await startHub({ env: { FIELDLINE_MQTT_PORT: '0' } });
  browser = await launchBrowser();
  desk = await visit(browser);
  page = desk.page;
});

afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  for (const child of running) {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exit;
  }
  await browser?.close();
  await hub?.dispose();
  directory.remove();
});

const watch = () => page.locator('.watch');
const headed = (text: string) => watch().getByRole('heading', { name: text }).waitFor();

/** Registers a device on the page. @returns its token, as the page shows it */
async function register(id: string, profile: RegExp): Promise<string> {
  await page.goto(`${hub.url}/#/connect`);
  const another = page.getByRole('button', { name: 'Connect another' });
  await page.getByRole('radio').or(another).first().waitFor();
  await page.reload(); // a wizard of its own, whatever the last test left
  await page.getByRole('radio', { name: profile }).check();
  await page.getByRole('textbox', { name: 'Id', exact: true }).fill(id);
  await page.getByText('Free.').waitFor();
  await page.getByRole('button', { name: 'Register it' }).click();
  await headed(`Waiting for ${id}`);
  return (await page.locator('.secret .mono').innerText()).trim();
}

function connect(path: string, token: string): WebSocket {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(hub.url.replace('http', 'ws') + path, { headers });
  socket.on('error', () => {}); // a refusal is what some tests want
  sockets.push(socket);
  return socket;
}

describe.skipIf(!hasBrowser)('connecting a device on the page', () => {
  it('leads from the first start to the first reading, with the sketch as it is shown', async () => {
    await page.goto(await loginLink(hub));
    await page.getByRole('heading', { name: 'The first admin' }).waitFor();
    // Reloaded, it is offered again.
    await page.reload();
    await page.getByRole('button', { name: 'Make the first admin' }).click();
    await page.getByRole('heading', { name: 'The first admin' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('mara');
    await page.getByLabel('Password', { exact: true }).fill('too short');
    await page.getByText('3 characters are missing').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('The same again').fill(`${PASSWORD}?`);
    await page.getByText('The two are not the same').waitFor();
    await page.getByLabel('The same again').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the admin' }).click();
    // A hub without devices goes on here.
    await page.getByRole('heading', { name: 'Connect a device' }).waitFor();
    await page.locator('.who', { hasText: 'mara' }).waitFor();
    expect(await page.getByText('This hub has no users yet.').count()).toBe(0);
    expect((await hub.http.request('/api/v1/session', { method: 'DELETE', token: null })).status).toBe(401);

    await register('cold-room-9', /Cold room/);
    await page.getByText('No board can reach this hub yet.').waitFor();
    await page.getByRole('tab', { name: 'Node' }).click();
    const sketch = await page.locator('pre.code').innerText();
    running.push(
      spawn(process.execPath, ['--input-type=module', '-e', sketch], {
        cwd: ROOT,
        env: cleanEnv(),
        stdio: 'ignore',
      }),
    );
    await headed('cold-room-9 is connected');
    await expect.poll(() => watch().getAttribute('class')).toContain('is-live');
    await watch().getByText('First reading').first().waitFor();
    await watch().locator('.ro', { hasText: 'Air temperature' }).waitFor();
    await page.getByRole('link', { name: 'Open cold-room-9' }).click();
    await expect.poll(() => page.url()).toContain('#/device/cold-room-9');
    expect(desk.complaints).toEqual([]);
  });

  it.skipIf(!readsQr)('shows address, id and token as a code that a camera reads', async () => {
    const token = await register('cam-1', /No profile/);
    const file = `${directory.path}/qr.png`;
    await page.locator('.qr').screenshot({ path: file, scale: 'device' });
    const read = await run('zbarimg', ['-q', '--raw', file]);
    expect(read.trim()).toBe(`${hub.url.replace('http://', `ws://cam-1:${token}@`)}/ws/v1/device`);
  });

  it('says that a token is wrong, and how', async () => {
    const token = await register('esp-1', /No profile/);
    connect('/ws/v1/device', token.slice(0, -1));
    await headed('It connected with a wrong token');
    await watch().getByText('It is 46 characters long').waitFor();
    expect(await watch().getAttribute('class')).toContain('is-bad');
    expect(await page.content()).not.toContain(`${token.slice(0, -1)}<`);
  });

  it('says that a path is wrong, then that a frame is no JSON, and turns green with a reading', async () => {
    const token = await register('esp-2', /No profile/);
    connect('/ws/device', token);
    await headed('It asked for a path that is not there');
    await watch().locator('mark', { hasText: '/ws/device' }).waitFor();
    await watch().getByText('/ws/v1/device').last().waitFor();

    const socket = connect('/ws/v1/device', token);
    await once(socket, 'open');
    socket.send('{"temperature":nan}');
    await headed('It speaks, but the hub cannot read it');
    expect(await watch().locator('mark').innerText()).toBe('nan');

    socket.send('{"type":"telemetry","time":5,"values":{"temperature":21.5}}');
    await headed('esp-2 is connected');
    await watch().getByText('Clock repaired').waitFor();
    expect(await watch().getAttribute('class')).toContain('is-live');
    expect(await overflow(page)).toBe(0);
    expect(desk.complaints).toEqual([]);
  });

  it('makes another token for a device whose token is lost', async () => {
    await page.goto(`${hub.url}/#/connect`);
    await page.reload();
    await page.getByRole('textbox', { name: 'Id', exact: true }).fill('esp-2');
    await page.getByRole('button', { name: 'Connect that one' }).click();
    await page.getByRole('button', { name: 'Make a new token' }).click();
    const token = (await page.locator('.secret .mono').innerText()).trim();
    const answer = await hub.http.request('/api/v1/ingest/esp-2', {
      body: { values: { temperature: 1 } },
      token,
    });
    expect(answer.status).toBe(200);
  });

  it('makes claim keys, and lets in who waits', async () => {
    await page.goto(`${hub.url}/#/connect?tab=fleet`);
    await page.getByText('No claim key').waitFor();
    const form = page.locator('form');
    await form.getByLabel('Name').fill('line B');
    await form.getByLabel('Devices').fill('2');
    await form.getByLabel('An operator lets each in').check();
    await form.getByRole('button', { name: 'Make a claim key' }).click();
    const claim = (await page.locator('.secret .mono').innerText()).trim();
    await page.getByRole('cell', { name: '0 of 2' }).waitFor();
    const provision = (body: object) => hub.http.request('/api/v1/provision', { body, token: null });
    const { poll } = (await provision({ claim, name: 'Oven' })).json<{ poll: string }>();
    await page.getByRole('button', { name: 'Let in Oven' }).click();
    await page.getByText('Nobody waits').waitFor();
    expect((await provision({ poll })).json()).toMatchObject({ token: expect.stringMatching(/^fld_/) });
    await page.getByRole('button', { name: 'Revoke… line B' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('No claim key').waitFor();
    expect((await provision({ claim })).status).toBe(401);
    expect(desk.complaints).toEqual([]);
  });

  it('is for admins; an operator sees what the role lacks, and who waits', async () => {
    await hub.http.request('/api/v1/users', {
      body: { username: 'ines', password: PASSWORD, role: 'operator' },
    });
    const hers = await visit(browser);
    await hers.page.goto(hub.url);
    await hers.page.locator('[name=username]').fill('ines');
    await hers.page.locator('[name=password]').fill(PASSWORD);
    await hers.page.getByRole('button', { name: 'Log in' }).click();
    await hers.page.locator('.who', { hasText: 'operator' }).waitFor();
    await hers.page.goto(`${hub.url}/#/connect`);
    await hers.page.getByText('Your role does not register devices.').waitFor();
    expect(await hers.page.getByRole('radio').count()).toBe(0);
    await hers.page.goto(`${hub.url}/#/connect?tab=fleet`);
    await hers.page.getByText('Nobody waits').waitFor();
    expect(await hers.page.getByRole('button', { name: 'Make a claim key' }).count()).toBe(0);
    expect(hers.complaints).toEqual([]);
    await hers.close();
  });
});
